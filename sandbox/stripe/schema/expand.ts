import { deref, description } from './description.ts'
import { findOperation } from './operations.ts'
import type { Schema } from './schema.ts'

/** docs.stripe.com/api/expanding_objects */
const maxExpandDepth = 4

/**
 * Whether `expand[]=path` is allowed on an object (`charge`), or on the answer of an operation's
 * path (`/v1/charges` for lists: `data.customer`). The last step must be an id that can be expanded
 * or a part that is left out unless asked for; the steps before it lead through objects and arrays.
 */
export function expandable(objectOrPath: string, path: string, method = 'GET'): boolean {
  const steps = path.split('.')
  if (steps.length > maxExpandDepth) return false
  const root = objectOrPath.startsWith('/')
    ? findOperation(method, objectOrPath)?.response
    : Object.hasOwn(description.components, objectOrPath)
      ? description.components[objectOrPath]
      : undefined
  if (!root) throw new Error(`${objectOrPath} is not described`)
  let schemas = shapes(root)
  for (const [index, step] of steps.entries()) {
    const properties = schemas.flatMap((schema) => {
      const known = schema.properties ?? {}
      const property = Object.hasOwn(known, step) ? known[step] : undefined
      return property ? [property] : []
    })
    if (properties.length === 0) return false
    if (index === steps.length - 1) return properties.some(canExpand)
    schemas = properties.flatMap(shapes)
  }
  return false
}

/** The object schemas a value may have, arrays and alternatives looked into. */
function shapes(schema: Schema): Schema[] {
  const known = deref(schema)
  if (known.anyOf) return known.anyOf.flatMap(shapes)
  if (known.items) return shapes(known.items)
  return known.properties ? [known] : []
}

function canExpand(schema: Schema): boolean {
  if (schema['x-includable'] ?? schema['x-expandable']) return true
  // An id of an undescribed object may be asked for; it stays an id.
  if (schema['x-expands']) return true
  return schema.items !== undefined && canExpand(schema.items)
}
