import { description } from './description.ts'
import { findOperation } from './operations.ts'
import type { Schema } from './schema.ts'
import { faults } from './shape.ts'

/**
 * What is wrong with an answer; [] when it is as described. Statuses from 400 are held against the
 * shape of errors, all others against the operation's own. An operation that is not described is
 * itself a fault (an error there is not: that is how unknown paths are answered).
 */
export function checkResponse(
  method: string,
  pathPattern: string,
  status: number,
  body: unknown,
): string[] {
  if (status >= 400) return faults(component('error'), body)
  const operation = findOperation(method, pathPattern)
  if (!operation) return [`${method} ${pathPattern} is not described`]
  return faults(operation.response, body)
}

/**
 * What is wrong with an event object: the envelope, `data.object` by the event's type, and
 * `previous_attributes`, which must be a part of that object as it may have been before.
 */
export function checkEvent(event: unknown): string[] {
  const found = faults(component('event'), event)
  if (found.length > 0) return found
  // The envelope has just been held against its schema, which requires these members.
  const { type, data } = event as {
    type: string
    data: { object: unknown; previous_attributes?: unknown }
  }
  const name = Object.hasOwn(description.events, type) ? description.events[type] : undefined
  if (name === undefined) return [`type: ${type} is not described`]
  const object = component(name)
  return [
    ...faults(object, data.object, 'data.object'),
    ...(data.previous_attributes === undefined
      ? []
      : faults(partial(object), data.previous_attributes, 'data.previous_attributes')),
  ]
}

/** Any part of an object: nothing required at any depth, and null where a value was not set. */
function partial(schema: Schema): Schema {
  const known = partials.get(schema)
  if (known) return known
  const { required: _, ...rest } = schema
  const result: Schema = { ...rest }
  partials.set(schema, result)
  if (schema.properties) {
    result.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [
        name,
        { anyOf: [partial(property), { type: 'null' }] },
      ]),
    )
  }
  if (schema.additionalProperties) {
    result.additionalProperties = { anyOf: [schema.additionalProperties, { type: 'null' }] }
  }
  return result
}

const partials = new WeakMap<Schema, Schema>()

function component(name: string): Schema {
  const schema = description.components[name]
  if (!schema) throw new Error(`Object ${name} is not described`)
  return schema
}
