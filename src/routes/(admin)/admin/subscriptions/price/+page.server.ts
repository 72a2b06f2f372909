import { error, fail, redirect } from '@sveltejs/kit'
import { ownerOnly, provenForm } from '#modules/accounts/server/index.ts'
import { intervalName } from '#modules/memberships/interval.ts'
import { planPrice } from '#modules/memberships/plan-words.ts'
import {
  leftOutWords,
  moveRefusal,
  moveRefusalWords,
  noticeDays,
} from '#modules/memberships/price-move.ts'
import {
  planById,
  plans,
  previewMove,
  startMove,
  type StartMoveResult,
} from '#modules/memberships/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db, inTransaction, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { leftOutList } from './left-out.server.ts'
import type { Actions, PageServerLoad } from './$types'

const home = '/admin/subscriptions/price'

/** Whom a move of a plan's subscribers would reach: chosen and shown before anything is done. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const query = event.url.searchParams
  const asked = query.get('plan') ?? ''
  // Which plan it is about is chosen there.
  if (asked === '') redirect(303, '/admin/subscriptions')
  const from = await planById(db(), asked)
  if (!from) gone()
  const [site, all] = await Promise.all([siteIdentity(db()), plans(db())])
  const targets = all.filter((plan) => moveRefusal(from, plan) === undefined)
  const typed = query.get('days') ?? String(noticeDays.usual)
  const days = readDays(typed)
  const to = query.get('to') ?? ''
  const found =
    to === '' || days === undefined
      ? undefined
      : await previewMove(
          db(),
          { fromPlanId: from.id, toPlanId: to, noticeDays: days },
          turnOf(query),
        )
  const here = new URL(home, event.url)
  for (const name of ['plan', 'to', 'days']) here.searchParams.set(name, query.get(name) ?? '')
  const errors: { readonly to?: string; readonly days?: string } = {
    ...(found && !found.ok && { to: refusalWords(found.reason) }),
    ...(days === undefined && { days: daysWords }),
  }
  return {
    from: {
      id: from.id,
      title: from.title,
      price: planPrice(from, site.locale),
      interval: intervalName(from.interval),
      isEnabled: from.isEnabled,
    },
    targets: targets.map((plan) => ({
      value: plan.id,
      label: `${plan.title}, ${planPrice(plan, site.locale)}`,
    })),
    to,
    days: typed.slice(0, 10),
    notice: noticeDays,
    key: newId(),
    errors,
    preview: found?.ok
      ? {
          title: found.preview.to.title,
          price: planPrice(found.preview.to, site.locale),
          tokens: [from.tokenAllotment, found.preview.to.tokenAllotment] as const,
          toMove: found.preview.counts.toMove,
          leftOut: leftOutList(found.preview.counts.leftOut),
          people: found.preview.page.rows.map((row) => ({
            id: row.id,
            customerId: row.customerId,
            email: row.email ?? 'Nobody here is known',
            firstAt: row.firstAt,
            out: row.reason && leftOutWords[row.reason],
          })),
        }
      : undefined,
    ...turnLinks(here, found?.ok ? found.preview.page : { newer: undefined, older: undefined }),
  }
}

const daysWords = `Between ${noticeDays.least} and ${noticeDays.most} days.`

function readDays(text: string): number | undefined {
  const days = /^\d{1,3}$/.test(text.trim()) ? Number(text) : 0
  return days >= noticeDays.least && days <= noticeDays.most ? days : undefined
}

function refusalWords(reason: Extract<StartMoveResult, { ok: false }>['reason']): string {
  switch (reason) {
    case 'not_found':
      return 'There is no such plan.'
    case 'not_at_stripe':
      return 'Stripe does not know this plan yet. Try again in a minute.'
    case 'notice':
      return daysWords
    case 'running':
      return 'Subscribers of this plan are being moved already. Call that off first, or let it come to its end.'
    case 'changed':
      return 'Somebody subscribed or left meanwhile. Look at the figures below once more, then begin.'
    case 'nobody':
      return 'There is nobody to move.'
    default:
      return moveRefusalWords[reason]
  }
}

export const actions: Actions = {
  async begin(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'price')
    const planId = textField(form, 'plan')
    if (!(await planById(db(), planId))) gone()
    const days = readDays(textField(form, 'days'))
    const shown = textField(form, 'shown')
    if (days === undefined) return fail(400, { problem: daysWords })
    const started = await inTransaction(
      (tx) =>
        startMove(tx, owner, {
          id: textField(form, 'key'),
          fromPlanId: planId,
          toPlanId: textField(form, 'to'),
          noticeDays: days,
          shown: /^\d{1,9}$/.test(shown) ? Number(shown) : -1,
        }),
      'money',
    )
    if (started.ok) redirect(303, `${home}/${started.moveId}`)
    return fail(409, { problem: refusalWords(started.reason) })
  },
}

function gone(): never {
  error(404, 'There is no such plan.')
}
