import { fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { customerDetail, ownerOnly, provenForm } from '#modules/accounts/server/index.ts'
import { readGiven } from '#modules/memberships/given-form.ts'
import { membershipWords, nextForOwner } from '#modules/memberships/membership-words.ts'
import { planPrice } from '#modules/memberships/plan-words.ts'
import { givePlan, membershipsOf, plans } from '#modules/memberships/server/index.ts'
import { canonicalEmail } from '#modules/platform/email-address.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction, now, textField } from '#modules/platform/server/index.ts'
import { dayOf } from '#modules/platform/zoned-day.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

/** Gives a plan without a payment: without an end, until a day, or as a gift of months. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const [customer, all, site, at] = await Promise.all([
    customerDetail(db(), event.url.searchParams.get('customer') ?? ''),
    plans(db()),
    siteIdentity(db()),
    now(db()),
  ])
  const held = customer?.memberId ? await membershipsOf(db(), customer.memberId) : undefined
  const dates = { zone: site.timeZone, locale: site.locale }
  return {
    customerId: customer?.id,
    email: customer?.member?.email ?? customer?.email ?? '',
    plan: event.url.searchParams.get('plan') ?? '',
    key: newId(),
    today: dayOf(at, site.timeZone),
    choices: all.map((plan) => ({
      value: plan.id,
      label: `${plan.title}, ${planPrice(plan, site.locale)}${plan.isEnabled ? '' : ' (disabled)'}`,
    })),
    held: (held?.subscriptions ?? [])
      .filter(({ isLive }) => isLive)
      .map((one) => ({
        id: one.id,
        title: one.title ?? 'Subscription',
        word: membershipWords(one, dates).word,
        next: nextForOwner(one, dates),
      })),
  }
}

const refusals = {
  no_plan: { field: 'plan', words: 'Choose a plan.' },
  given_already: { field: 'plan', words: 'They have been given this plan without an end already.' },
  sent_already: {
    field: 'key',
    words:
      'This form was sent before, with something else in it. Nothing was given a second time; open it again to give more.',
  },
  too_many: {
    field: 'plan',
    words: 'They have been given very much already. Take something back first.',
  },
} as const

export const actions: Actions = {
  async default(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'access')
    const values = {
      email: textField(form, 'email'),
      plan: textField(form, 'plan'),
      how: textField(form, 'how'),
      until: textField(form, 'until'),
      months: textField(form, 'months'),
      reason: textField(form, 'reason'),
      key: textField(form, 'key'),
    }
    const refuse = (status: number, errors: Readonly<Record<string, string>>) =>
      fail(status, { values, errors })
    const email = canonicalEmail(values.email)
    const site = await siteIdentity(db())
    const read = readGiven(values, { zone: site.timeZone, now: await now(db()) })
    const errors = {
      ...(email === undefined ? { email: 'This does not look like an e-mail address.' } : {}),
      ...(read.ok ? {} : read.errors),
    }
    if (email === undefined || !read.ok) return refuse(400, errors)
    const given = await inTransaction((tx) => givePlan(tx, owner, email, read.given))
    if (given.ok) redirect(303, `/admin/customers/${given.customerId}?notice=plan-given`)
    const { field, words } = refusals[given.reason]
    return refuse(409, { [field]: words })
  },
}
