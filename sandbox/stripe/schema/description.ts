import { readFileSync } from 'node:fs'
import { componentName, type Description, type Schema } from './schema.ts'

/**
 * The derived description of the API. Read once with the file system, not imported: the type
 * checker would otherwise infer a type for megabytes of JSON.
 */
export const description: Description = readDescription()

function readDescription(): Description {
  const text = readFileSync(new URL('./generated.json', import.meta.url), 'utf8')
  // Our own derivation writes this file in exactly this form, and a test holds it current.
  return JSON.parse(text) as Description
}

/** The schema itself, or the component it refers to. */
export function deref(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema
  const component = description.components[componentName(schema.$ref)]
  if (!component) throw new Error(`${schema.$ref} is not described`)
  return component
}
