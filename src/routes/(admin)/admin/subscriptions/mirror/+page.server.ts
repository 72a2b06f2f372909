import { error, fail, redirect } from '@sveltejs/kit'
import { ownerOnly, provenForm } from '#modules/accounts/server/index.ts'
import { comparedLines } from '#modules/memberships/beside-stripe.ts'
import {
  assignSubscription,
  differingPage,
  liveCounts,
  unheldPage,
} from '#modules/memberships/server/index.ts'
import { perInterval } from '#modules/memberships/interval.ts'
import { statusWord } from '#modules/memberships/history-words.ts'
import {
  askForComparison,
  healDifferences,
  mirrorStanding,
} from '#modules/payments/server/index.ts'
import { canonicalEmail } from '#modules/platform/email-address.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

const home = '/admin/subscriptions/mirror'
const told = ['asked', 'running', 'healing', 'nothing'] as const

/** What the shop knows of its subscriptions beside what Stripe told when they were last compared. Stripe is not asked for it. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const query = event.url.searchParams
  const isUnheld = query.get('show') === 'unheld'
  const [site, standing, counts] = await Promise.all([
    siteIdentity(db()),
    mirrorStanding(db()),
    liveCounts(db()),
  ])
  const dates = { zone: site.timeZone, locale: site.locale }
  const here = new URL(isUnheld ? `${home}?show=unheld` : home, event.url)
  const differing = isUnheld
    ? undefined
    : await differingPage(
        db(),
        turnOf(query, (text) => /^\d{1,15}$/.test(text)),
      )
  const unheld = isUnheld ? await unheldPage(db(), turnOf(query)) : undefined
  return {
    standing,
    counts,
    show: isUnheld ? ('unheld' as const) : ('differing' as const),
    differing: (differing?.rows ?? []).map((row) => ({
      id: row.id,
      stripeSubscriptionId: row.stripeSubscriptionId,
      title: row.here?.title ?? 'Subscription',
      customerId: row.here?.customerId,
      email: row.here?.email,
      lines: comparedLines(row.here, row.there, dates),
      isDue: row.dueAt !== undefined,
      failure: row.failure,
    })),
    unheld: (unheld?.rows ?? []).map((row) => ({
      id: row.id,
      stripeSubscriptionId: row.stripeSubscriptionId,
      stripeCustomerId: row.stripeCustomerId,
      title: row.title ?? 'Of no plan here',
      state: statusWord(row.status),
      price: `${formatMoney({ minor: row.amountMinor, currency: row.currency }, site.locale)} ${perInterval(row.interval)}`,
      startedAt: row.startedAt,
    })),
    ...turnLinks(here, differing ?? unheld ?? { newer: undefined, older: undefined }),
    done: told.find((one) => one === query.get('done')),
  }
}

const refusals = {
  not_found: 'This subscription is not here any more.',
  held_already: 'Somebody holds it already.',
  no_member:
    'Nobody has an account with this address. Let them sign in once, which proves it is theirs.',
  has_one:
    'They subscribe to a plan of this group already, and nobody has two. End one of them first.',
} as const

export const actions: Actions = {
  async compare(event) {
    const owner = ownerOnly(event)
    const isAsked = await inTransaction((tx) => askForComparison(tx, owner), 'money')
    redirect(303, `${home}?done=${isAsked ? 'asked' : 'running'}`)
  },

  async heal(event) {
    const owner = ownerOnly(event)
    const which = textField(await postedForm(event.request), 'which')
    if (which !== 'all' && !/^\d{1,15}$/.test(which))
      return fail(400, { words: 'This form names no subscription.', assign: undefined })
    const asked = await inTransaction((tx) => healDifferences(tx, owner, which), 'money')
    redirect(303, `${home}?done=${asked > 0 ? 'healing' : 'nothing'}`)
  },

  async assign(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'access')
    const id = textField(form, 'subscription')
    const typed = textField(form, 'email').slice(0, 300)
    const email = canonicalEmail(typed)
    const refuse = (status: number, problem: string) =>
      fail(status, { words: undefined, assign: { id, typed, problem } })
    if (email === undefined) return refuse(400, 'Type an address such as ann@example.com.')
    const assigned = await inTransaction((tx) => assignSubscription(tx, owner, id, email), 'money')
    if (assigned.ok) redirect(303, `/admin/customers/${assigned.customerId}?notice=assigned`)
    if (assigned.reason === 'not_found') error(404, refusals.not_found)
    return refuse(409, refusals[assigned.reason])
  },
}
