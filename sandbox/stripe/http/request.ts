import type { AccountRecord } from '../engine/account-record.ts'
import type { Match } from './router.ts'
import type { IncomingHttpHeaders } from 'node:http'

export type ApiRequest = {
  id: string
  method: string
  path: string
  /** After the `?`, undecoded. */
  query: string
  headers: IncomingHttpHeaders
  body: string
}

/** What is known of a request once it is let in. */
export type Admitted = {
  request: ApiRequest
  account: string
  record: AccountRecord
  match: Match
}

export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
