import type { Chaos } from '../chaos/chaos.ts'
import { CALM } from '../chaos/chaos.ts'

/** How long an unpaid invoice is asked for again, and what follows when it stays unpaid. */
export type Dunning = {
  /** Days from each attempt to the next. */
  retryAfterDays: readonly number[]
  afterwards: 'cancel' | 'mark_unpaid' | 'leave_past_due'
}

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
  /** Not there in records of before there were subscriptions, or as long as it is the usual. */
  dunning?: Dunning
}

/** Four more attempts over three weeks, then the subscription is canceled. */
export const USUAL_DUNNING: Dunning = { retryAfterDays: [3, 5, 6, 7], afterwards: 'cancel' }

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
