import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import {
  customerDetail,
  ownerOnly,
  provenForm,
  requireFreshProof,
} from '#modules/accounts/server/index.ts'
import { cardWords } from '#modules/memberships/membership-words.ts'
import { afterRefundWords } from '#modules/memberships/refund-words.ts'
import {
  membershipsOf,
  refundableInvoice,
  refundInvoice,
  type RefundableInvoice,
  type RefundProblem,
} from '#modules/memberships/server/index.ts'
import type { AfterRefund } from '#modules/memberships/subscription-money.ts'
import { formatDay } from '#modules/platform/dates.ts'
import { newId } from '#modules/platform/ids.ts'
import { formatMoney, moneyToInput, parseAmount } from '#modules/platform/money.ts'
import { oneLine } from '#modules/platform/plain-text.ts'
import { db, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

/** Asks how much of a payment goes back and what becomes of the subscription, and tells what would happen before it does. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const { customer, invoice } = await asked(event.params)
  leadBack(customer.id, invoice)
  await requireFreshProof(event, 'refund')
  const site = await siteIdentity(db())
  const dates = { zone: site.timeZone, locale: site.locale }
  return {
    customerId: customer.id,
    invoiceId: invoice.id,
    email: customer.member?.email ?? customer.email,
    name: invoice.number ?? 'Payment',
    title: invoice.planTitle ?? 'Subscription',
    paidAt: formatDay(invoice.paidAt ?? invoice.madeAt, dates),
    currency: invoice.currency,
    paidMinor: invoice.paidMinor,
    leftMinor: invoice.leftMinor,
    left: moneyToInput({ minor: invoice.leftMinor, currency: invoice.currency }),
    isLive: invoice.isLive,
    /** Made with the form: pressed twice it goes back once. */
    key: newId(),
  }
}

/** The payment, if it is one of this customer's. */
async function asked(params: { readonly id: string; readonly invoice: string }) {
  const customer = await customerDetail(db(), params.id)
  if (!customer) error(404, 'There is no customer at this address.')
  const invoice = await refundableInvoice(db(), params.invoice)
  const own = [customer.id, ...customer.sameMember.map((other) => other.id)]
  const isTheirs =
    invoice !== undefined &&
    ((invoice.memberId !== undefined && invoice.memberId === customer.memberId) ||
      (invoice.customerId !== undefined && own.includes(invoice.customerId)))
  if (!isTheirs) error(404, 'This customer has no such payment.')
  return { customer, invoice }
}

/** Leads back where there is nothing to give back, or where another refund has not been answered yet. */
function leadBack(customerId: string, invoice: RefundableInvoice): void {
  if (invoice.isUnderWay) backTo(customerId, 'refund-under-way')
  if (invoice.leftMinor <= 0) backTo(customerId, 'refund-nothing-left')
}

function backTo(customerId: string, notice: string): never {
  redirect(303, `/admin/customers/${customerId}?notice=${notice}#membership`)
}

const notices = { sent: 'refunded', later: 'refund-later', failed: 'refund-failed' } as const

const problems: Readonly<
  Record<
    Exclude<RefundProblem, 'unknown' | 'under_way' | 'nothing_left'>,
    { readonly status: number; readonly words: string }
  >
> = {
  not_paid: {
    status: 409,
    words: 'This was not paid through Stripe: give it back as it was paid.',
  },
  other_backend: {
    status: 409,
    words:
      'This was paid at another Stripe account or in another mode. Refund it there, or set the keys of that time.',
  },
  too_much: { status: 409, words: 'So much is not left of this payment any more.' },
  changed: {
    status: 409,
    words: 'What is left of this payment has changed meanwhile. Look at it once more.',
  },
  unreachable: {
    status: 503,
    words:
      'Stripe cannot be reached right now. Nothing was given back and nothing was changed; try again in a moment.',
  },
}

export const actions: Actions = {
  async default(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'refund')
    const { customer, invoice } = await asked(event.params)
    const given = (name: string) => textField(form, name).slice(0, 1_000)
    const values = {
      amount: given('amount'),
      after: given('after'),
      reason: given('reason'),
      key: given('key'),
    }
    const refuse = (status: number, errors: Readonly<Record<string, string>>) =>
      fail(status, { values, errors, effect: undefined })
    // Whoever sends it once more, because the answer to the first time was lost, is told what became of it.
    const isPreview = given('step') === 'preview'

    const read = await readWish(invoice, values)
    if (!read.ok) {
      if (!isPreview) leadBack(customer.id, invoice)
      return refuse(400, read.errors)
    }
    const { amountMinor, after } = read
    if (isPreview) {
      leadBack(customer.id, invoice)
      return {
        values,
        errors: {},
        effect: await effectOf(invoice, customer.memberId, amountMinor, after),
      }
    }
    const reason = oneLine(given('reason')).slice(0, 500)
    if (reason === '')
      return fail(400, {
        values,
        errors: { reason: 'Say in a few words why. It stays with the payment.' },
        effect: await effectOf(invoice, customer.memberId, amountMinor, after),
      })
    const seen = given('left')
    const result = await refundInvoice(owner, {
      refundId: values.key,
      invoiceId: invoice.id,
      amountMinor,
      seenLeftMinor: /^\d{1,9}$/.test(seen) ? Number(seen) : undefined,
      after,
      reason,
    })
    if (result.ok)
      return backTo(
        customer.id,
        result.outcome === 'sent' && after === 'end' ? 'refunded-ended' : notices[result.outcome],
      )
    switch (result.reason) {
      case 'unknown':
        return refuse(400, { '': 'This form is too old. Open it once more.' })
      case 'under_way':
        return backTo(customer.id, 'refund-under-way')
      case 'nothing_left':
        return backTo(customer.id, 'refund-nothing-left')
      default: {
        const { status, words } = problems[result.reason]
        return refuse(status, { '': words })
      }
    }
  },
}

type ReadWish =
  | { readonly ok: true; readonly amountMinor: number; readonly after: AfterRefund }
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> }

async function readWish(
  invoice: RefundableInvoice,
  typed: { readonly amount: string; readonly after: string },
): Promise<ReadWish> {
  const { locale } = await siteIdentity(db())
  const amount = parseAmount(typed.amount, invoice.currency)
  const most = formatMoney({ minor: invoice.paidMinor, currency: invoice.currency }, locale)
  const errors = {
    ...(!amount.ok
      ? { amount: 'Type an amount such as 12 or 12.50.' }
      : amount.minor < 1 || amount.minor > invoice.paidMinor
        ? { amount: `Between nothing and ${most} of it can go back.` }
        : {}),
    ...(typed.after !== 'keep' && typed.after !== 'end'
      ? { after: 'Choose what becomes of the subscription.' }
      : {}),
  }
  return amount.ok && Object.keys(errors).length === 0
    ? { ok: true, amountMinor: amount.minor, after: typed.after === 'end' ? 'end' : 'keep' }
    : { ok: false, errors }
}

/** What is told before it is done. */
async function effectOf(
  invoice: RefundableInvoice,
  memberId: string | undefined,
  amountMinor: number,
  after: AfterRefund,
) {
  const [{ subscriptions }, site] = await Promise.all([
    memberId === undefined ? { subscriptions: [] } : membershipsOf(db(), memberId),
    siteIdentity(db()),
  ])
  const one = subscriptions.find(({ id }) => id === invoice.subscriptionId)
  return {
    amountMinor,
    leftMinor: invoice.leftMinor,
    paidBy: one?.card && cardWords({ ...one.card, expires: undefined }),
    words: afterRefundWords(
      {
        title: invoice.planTitle ?? 'The subscription',
        isLive: invoice.isLive,
        isOpen: one?.access.isOpen ?? false,
        renewsAt: one?.cancelsAt === undefined ? one?.periodEndsAt : undefined,
      },
      after,
      { zone: site.timeZone, locale: site.locale },
    ),
    closes: invoice.isLive && after === 'end',
  }
}
