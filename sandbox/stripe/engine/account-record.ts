import type { Chaos } from '../chaos/chaos.ts'
import { CALM } from '../chaos/chaos.ts'

/** Where events go: the part of a webhook endpoint that every change has to know. */
export type Route = { endpoint: string; enabledEvents: readonly string[] }

/** The sandbox's own record of an account, read at the beginning of every unit of work. */
export type AccountRecord = {
  id: 'account'
  object: '_account'
  created: number
  routes: readonly Route[]
  chaos: Chaos
  /** Goes up whenever chaos is set, so that its dice begin anew. */
  chaosVersion: number
  /** How many ids a seeded sandbox has drawn. */
  idsDrawn: number
}

export const ACCOUNT_RECORD_ID = 'account'

export function newAccountRecord(created: number): AccountRecord {
  return {
    id: ACCOUNT_RECORD_ID,
    object: '_account',
    created,
    routes: [],
    chaos: CALM,
    chaosVersion: 0,
    idsDrawn: 0,
  }
}

/** What lets the inspector's forms in without the key: kept under the token itself. */
export type InspectorRecord = { id: string; object: '_inspector'; created: number }
