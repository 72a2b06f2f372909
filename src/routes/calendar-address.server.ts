import { redirect, type RequestEvent } from '@sveltejs/kit'
import type { MemberActor } from '#modules/accounts/types.ts'
import { calendarKey, dropCalendar, makeCalendar } from '#modules/booking/server/index.ts'
import { db, inTransaction, runtime } from '#modules/platform/server/index.ts'

// The page of somebody's own calendar address, the same for the owner and for customers. who: proves who asks.

type Who = (event: RequestEvent) => MemberActor

/** Its address, and what was just done about it. */
export async function shownAddress(event: RequestEvent, who: Who) {
  const key = await calendarKey(db(), who(event))
  return {
    address: key && `${runtime().settings.origin}/feeds/calendar/${key}.ics`,
    done: event.url.searchParams.get('done') ?? '',
  }
}

/** Gives a new address; the former one opens nothing any more. */
export async function newAddress(event: RequestEvent, who: Who): Promise<never> {
  const member = who(event)
  await inTransaction((tx) => makeCalendar(tx, member))
  redirect(303, `${event.url.pathname}?done=made`)
}

export async function noAddress(event: RequestEvent, who: Who): Promise<never> {
  const member = who(event)
  await inTransaction((tx) => dropCalendar(tx, member))
  redirect(303, `${event.url.pathname}?done=dropped`)
}
