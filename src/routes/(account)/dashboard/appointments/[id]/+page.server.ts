import { error, fail, redirect } from '@sveltejs/kit'
import { customerIdsOf, memberOnly } from '#modules/accounts/server/index.ts'
import { cancelPolicy, movePolicy } from '#modules/booking/change-policy.ts'
import {
  appointmentOfMember,
  cancelAppointment,
  sessionsOf,
} from '#modules/booking/server/index.ts'
import { placeWords } from '#modules/booking/service-words.ts'
import { oneLine } from '#modules/platform/plain-text.ts'
import { db, inTransaction, now, postedForm, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { zoneOf } from '../../booking.server.ts'
import { rowOf } from '../shown.ts'
import type { Actions, PageServerLoad } from './$types'

const notices: Readonly<Record<string, string>> = {
  booked: 'It is booked. A mail with a file for your calendar is on its way.',
  moved: 'It is moved. A mail with the new time is on its way.',
  cancelled: 'It is cancelled, and the time is free again.',
}

export const load: PageServerLoad = async (event) => {
  const { memberId } = memberOnly(event)
  const one = await appointmentOfMember(db(), memberId, event.params.id)
  if (!one) error(404, 'There is no page here.')
  const [clock, { timeZone }, sessions] = await Promise.all([
    now(db()),
    siteIdentity(db()),
    sessionsOf(db(), memberId, [one.productId]),
  ])
  const at = clock.getTime()
  const cancel = cancelPolicy(one, at)
  const move = movePolicy(one, at)
  const own = sessions.get(one.productId)
  const said = event.url.searchParams.get('notice') ?? ''
  return {
    one: {
      ...rowOf(one),
      productId: one.productId,
      placeKind: one.placeKind,
      placeWords: placeWords(one),
      place: one.state === 'confirmed' ? one.place : '',
      answers: one.answers,
      cancelReason: one.cancelReason,
      isSessionReturned: one.isSessionReturned,
      usesSession: one.rightId !== undefined,
    },
    isOver: one.endsAt.getTime() <= at,
    cancel: cancel.ok
      ? {
          isLate: cancel.isLate,
          freeUntil: cancel.freeUntil === undefined ? undefined : new Date(cancel.freeUntil),
        }
      : undefined,
    move: move.ok ? { left: move.left } : { reason: move.reason },
    canBook: own !== undefined && own.active === undefined && own.used < own.granted,
    zone: zoneOf(event.cookies, timeZone),
    shopZone: timeZone,
    notice: Object.hasOwn(notices, said) ? notices[said] : undefined,
  }
}

export const actions: Actions = {
  async cancel(event) {
    const { memberId } = memberOnly(event)
    const one = await appointmentOfMember(db(), memberId, event.params.id)
    if (!one) error(404, 'There is no page here.')
    const form = await postedForm(event.request)
    const reason = oneLine(textField(form, 'reason')).slice(0, 500) || undefined
    // Whoever saw that it costs nothing is asked again once it would.
    const sawLate = textField(form, 'late') === 'yes'
    const policy = cancelPolicy(one, (await now(db())).getTime())
    if (policy.ok && policy.isLate && !sawLate)
      return fail(409, {
        problem:
          'By now it is too late to cancel free of charge. Look at what it means, then decide.',
      })
    const customerIds = await customerIdsOf(db(), memberId)
    const done = await inTransaction((tx) =>
      cancelAppointment(tx, { kind: 'customer', customerIds }, one.id, reason),
    )
    if (done.ok) redirect(303, `/dashboard/appointments/${one.id}?notice=cancelled`)
    if (done.reason === 'not_found') error(404, 'There is no page here.')
    return fail(409, { problem: 'It has begun or is over, so it cannot be cancelled any more.' })
  },
}
