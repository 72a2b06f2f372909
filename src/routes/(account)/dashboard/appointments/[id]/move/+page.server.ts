import { error, fail, redirect } from '@sveltejs/kit'
import { customerIdsOf, memberOnly } from '#modules/accounts/server/index.ts'
import { movePolicy } from '#modules/booking/change-policy.ts'
import { appointmentOfMember, moveAppointment } from '#modules/booking/server/index.ts'
import { db, inTransaction, now, postedForm, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { readChosen, refusalWords, timesToChoose, zoneOf } from '../../../booking.server.ts'
import type { Actions, PageServerLoad, RequestEvent } from './$types'

export const load: PageServerLoad = async (event) => {
  const one = await movable(event)
  const { timeZone } = await siteIdentity(db())
  const policy = movePolicy(one, (await now(db())).getTime())
  if (!policy.ok) redirect(303, `/dashboard/appointments/${one.id}`)
  return {
    one: {
      id: one.id,
      title: one.title,
      startsAt: one.startsAt,
      endsAt: one.endsAt,
      version: one.version,
    },
    left: policy.left,
    view: await timesToChoose(one.productId, {
      zone: zoneOf(event.cookies, timeZone),
      month: undefined,
      moving: one,
    }),
    shopZone: timeZone,
  }
}

export const actions: Actions = {
  async look(event) {
    const one = await movable(event)
    const form = await postedForm(event.request)
    return { ...(await asChosen(form, one)), errors: {} as Record<string, string> }
  },

  async move(event) {
    const { memberId } = memberOnly(event)
    const one = await movable(event)
    const form = await postedForm(event.request)
    const again = async (status: number, errors: Readonly<Record<string, string>>) =>
      fail(status, { ...(await asChosen(form, one)), errors })
    const { timeZone } = await siteIdentity(db())
    const { start, zone } = readChosen(form, timeZone)
    const version = textField(form, 'version')
    if (start === undefined || !/^\d{1,9}$/.test(version))
      return again(400, { start: 'Choose a date and a time.' })
    const customerIds = await customerIdsOf(db(), memberId)
    const moved = await inTransaction((tx) =>
      moveAppointment(tx, { kind: 'customer', customerIds }, one.id, {
        startsAt: start,
        zone,
        version: Number(version),
      }),
    )
    if (moved.ok) redirect(303, `/dashboard/appointments/${one.id}?notice=moved`)
    switch (moved.reason) {
      case 'not_found':
      case 'no_service':
        return error(404, 'There is no page here.')
      case 'not_offered':
      case 'overlaps':
        return again(409, { start: refusalWords(moved.why) })
      case 'already_booked':
        return again(409, { start: 'You have a seat at that time already.' })
      case 'changed':
        return again(409, {
          '': 'The appointment was moved meanwhile. Load the page again to see where it is now.',
        })
      case 'over':
      case 'not_active':
      case 'too_late':
      case 'too_many_moves':
        return redirect(303, `/dashboard/appointments/${one.id}`)
    }
  },
}

async function movable(event: RequestEvent) {
  const { memberId } = memberOnly(event)
  const one = await appointmentOfMember(db(), memberId, event.params.id)
  if (!one) error(404, 'There is no page here.')
  if (one.state !== 'confirmed') redirect(303, `/dashboard/appointments/${one.id}`)
  return one
}

async function asChosen(form: FormData, one: Awaited<ReturnType<typeof movable>>) {
  const { timeZone } = await siteIdentity(db())
  const { zone, month, date, start } = readChosen(form, timeZone)
  return { date, start, view: await timesToChoose(one.productId, { zone, month, moving: one }) }
}
