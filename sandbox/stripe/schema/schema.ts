/**
 * The JSON Schema dialect of `generated.json`: the few keywords the derivation writes, and no other.
 * A nullable value carries `"null"` in its type list; `null` stands in its `enum` too where it has one.
 */
export type TypeName = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'null'

export interface Schema {
  $ref?: string
  type?: TypeName | TypeName[]
  /** Closed set of values. Request enums are always closed: the API refuses what it does not know. */
  enum?: (string | number | boolean | null)[]
  /** `decimal`: an exact decimal number written as a string (`"12.5"`). */
  format?: 'decimal'
  /** Characters a text of a request may have, where it is not the usual limit. */
  maxLength?: number
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: false | Schema
  items?: Schema
  anyOf?: Schema[]
  /** Values known at this version of a set that may grow: any string is valid. */
  'x-open-enum'?: string[]
  /** An id, or the object itself when the request expands it. */
  'x-expandable'?: true
  /** An id whose object lies outside the described resources, so it is never expanded. */
  'x-expands'?: string[]
  /** Left out of the answer unless the request expands it. */
  'x-includable'?: true
}

/** One row of the API's method and path table. */
export interface OperationDescription {
  /** `customers.listPaymentMethods`: where the SDK has it. */
  sdk: string
  /** Top-level parameters, form or query alike; an object schema that refuses what it does not name. */
  params: Schema
  response: Schema
}

export interface Description {
  stripe: string
  apiVersion: string
  operations: Record<string, OperationDescription>
  /** Wire type (`charge.refunded`) to the component of its `data.object`. */
  events: Record<string, string>
  components: Record<string, Schema>
}

/** The types a value may have; none named means any. */
export function typesOf(schema: Schema): readonly TypeName[] {
  if (schema.type === undefined) return []
  return Array.isArray(schema.type) ? schema.type : [schema.type]
}

/** `#/components/charge` to `charge`. */
export function componentName(ref: string): string {
  const prefix = '#/components/'
  if (!ref.startsWith(prefix)) throw new Error(`Not a component reference: ${ref}`)
  return ref.slice(prefix.length)
}
