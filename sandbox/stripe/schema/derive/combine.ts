import type { Schema, TypeName } from '../schema.ts'

/** In answers, text or an object always means an id that can be expanded. */
export function isObject(schema: Schema): boolean {
  return schema.$ref !== undefined || schema.type === 'object'
}

export function isList(schema: Schema): boolean {
  return schema.properties?.['object']?.enum?.[0] === 'list'
}

/** Values of maps: metadata sent as number arrives as text, and null is the empty string on the wire. */
export function mapValue(schema: Schema): Schema {
  if (!schema.anyOf) return schema
  const scalar = schema.anyOf.every((s) => s.type === 'string' || s.type === 'integer')
  return scalar ? { type: 'string' } : schema
}

export function merge(into: Schema, from: Schema): void {
  Object.assign((into.properties ??= {}), from.properties)
  into.required = [...new Set([...(into.required ?? []), ...(from.required ?? [])])]
  if (from.additionalProperties !== undefined) into.additionalProperties = from.additionalProperties
}

/** Empty lists dropped, and what is not named refused. */
export function finish(schema: Schema): Schema {
  if (schema.required?.length === 0) delete schema.required
  if (
    schema.properties &&
    Object.keys(schema.properties).length === 0 &&
    schema.additionalProperties
  ) {
    delete schema.properties
  }
  schema.additionalProperties ??= false
  return schema
}

export function alternatives(schemas: readonly Schema[]): Schema {
  const [first, ...others] = schemas
  if (!first) throw new Error('A union of nothing')
  return others.length === 0 ? { ...first } : { anyOf: [...schemas] }
}

export function orNull(schema: Schema): Schema {
  if (schema.$ref !== undefined) return { anyOf: [schema, { type: 'null' }] }
  if (schema.anyOf) return { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] }
  if (schema.type === undefined) return schema
  const types: TypeName[] = Array.isArray(schema.type) ? schema.type : [schema.type]
  const nullable: Schema = { ...schema, type: [...types, 'null'] }
  if (schema.enum) nullable.enum = [...schema.enum, null]
  return nullable
}
