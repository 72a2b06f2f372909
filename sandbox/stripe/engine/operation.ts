import type { Params } from './params.ts'
import type { Reading, Work } from './work.ts'
import type { ErrorBody } from '../api-error.ts'

/** A request that fails and still leaves a trace: a declined card and the charge it failed on. */
export type Declined = { declined: { status: 402; body: ErrorBody } }

/** What an operation answers with: an object as kept, a list, or a decline. */
export type Answer = Readonly<{ object: string; [field: string]: unknown }> | Declined

/** Parameters in a path: `{customer}` of `/v1/customers/{customer}`. */
export type PathParams = Readonly<Record<string, string>>

export type ReadOperation = {
  /** `GET /v1/customers/{customer}` */
  route: string
  read(reading: Reading, params: Params, path: PathParams): Promise<Answer>
}

export type WriteOperation = {
  /** `POST ...` or `DELETE ...` */
  route: string
  write(work: Work, params: Params, path: PathParams): Promise<Answer>
}

export type Operation = ReadOperation | WriteOperation

export function isDeclined(answer: Answer): answer is Declined {
  return 'declined' in answer
}

/** The last path parameter of an operation, `undefined` never being possible for its route. */
export function pathParam(path: PathParams, name: string): string {
  const value = path[name]
  if (value === undefined) throw new Error(`The route has no parameter {${name}}`)
  return value
}
