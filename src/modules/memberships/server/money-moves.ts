import { ownerAddress } from '#modules/accounts/server/index.ts'
import { disputeStateWords } from '#modules/payments/dispute-words.ts'
import { disputeStanding } from '#modules/payments/dispute.ts'
import type { PaymentView } from '#modules/payments/types.ts'
import { newId } from '#modules/platform/ids.ts'
import { queueMail, type Tx } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { refundedMail, refundFailedMail, type AfterMoneyWent } from './mails/money-back.ts'
import {
  ownerClosedMail,
  ownerDisputeMail,
  ownerFraudMail,
  ownerRefundFailedMail,
  type OfInvoice,
} from './mails/money-to-owner.ts'
import { eventOf, openOrShut } from './mirror.ts'
import { settleTokens } from './token-lots.ts'
import { refundCounts, settleMoney } from './settle-money.ts'
import {
  emailOf,
  insertEvents,
  lockMirrored,
  type MirroredSubscription,
  type NewSubscriptionEvent,
} from './store.mirror.ts'
import {
  findInvoiceOfIntent,
  refundsOfInvoice,
  setRefunded,
  upsertDisputes,
  upsertRefunds,
  type InvoiceMoney,
  type RefundRow,
} from './store.money.ts'

/**
 * Writes down what went back of a subscription's payment and what is argued about it, with everything that follows: the invoice's sum, the
 * right to its plan, its history, the mails. What is written depends on what is told and on nothing that was told before.
 */
export async function mirrorPayment(
  tx: Tx,
  told: { readonly backendId: number; readonly payment: PaymentView; readonly cause: string },
): Promise<string> {
  const { backendId, payment, cause } = told
  const known = await findInvoiceOfIntent(tx, backendId, payment.paymentIntentId)
  const one = known && (await lockMirrored(tx, backendId, known.stripeSubscriptionId))
  // Read again under the lock: the money of a subscription is written by one at a time.
  const invoice = known && (await findInvoiceOfIntent(tx, backendId, payment.paymentIntentId))
  if (!one || !invoice) throw new Error(`The invoice of ${payment.paymentIntentId} vanished.`)

  const moved = await writeRefunds(tx, invoice, payment)
  const disputes = await writeDisputes(tx, invoice, payment)
  const stands = await settleMoney(tx, one.id)
  const present = { ...one, ...stands }
  await insertEvents(tx, [
    ...moneyEvents(present, { ...moved, currency: invoice.currency }, cause),
    ...disputes.map(({ standing, dispute }) =>
      eventOf(present, 'dispute', cause, {
        standing,
        amountMinor: dispute.amountMinor,
        currency: dispute.currency,
      }),
    ),
  ])
  if (one.money !== present.money || one.isToEnd !== present.isToEnd)
    await openOrShut(tx, present, cause)
  await settleTokens(tx, one.id)

  const now = { ...invoice, refundedMinor: moved.refundedMinor }
  await tellOfRefunds(tx, { before: one, present, invoice: now, moved, cause })
  const to = await ownerAddress(tx)
  const about = to === undefined ? undefined : await toldToOwner(tx, present, now, to)
  if (about) {
    for (const { id, standing, dispute } of disputes)
      await queueMail(tx, ownerDisputeMail(about, { ...dispute, id, standing }))
    for (const warning of payment.warnings ?? [])
      if (warning.isActionable) await queueMail(tx, ownerFraudMail(about, warning.stripeWarningId))
  }
  const words = [
    moved.backMinor > 0 ? 'A refund failed; the money is back here.' : undefined,
    moved.goneMinor > 0 ? `Refunded ${now.refundedMinor} of ${now.paidMinor}.` : undefined,
    ...disputes.map(({ dispute }) => `Dispute: ${disputeStateWords(dispute.state).toLowerCase()}.`),
  ].filter((part) => part !== undefined)
  return words.length > 0 ? words.join(' ') : 'Nothing new.'
}

interface Moved {
  /** What of the invoice is gone by now. */
  readonly refundedMinor: number
  /** What went out just now, and what came back because its refund failed. */
  readonly goneMinor: number
  readonly backMinor: number
}

const goneOf = (refund: RefundRow | undefined) =>
  refund && refundCounts(refund.state) ? refund.amountMinor : 0

async function writeRefunds(tx: Tx, invoice: InvoiceMoney, payment: PaymentView): Promise<Moved> {
  const former = new Map(
    (await refundsOfInvoice(tx, invoice.id)).map((refund) => [refund.id, refund]),
  )
  await upsertRefunds(tx, invoice, payment.refunds, newId)
  const refunds = await refundsOfInvoice(tx, invoice.id)
  const refundedMinor = refunds.reduce((sum, refund) => sum + goneOf(refund), 0)
  await setRefunded(tx, invoice.id, refundedMinor)
  // One may have failed while another was made: the sum alone would not tell.
  const moves = refunds.map((refund) => goneOf(refund) - goneOf(former.get(refund.id)))
  return {
    refundedMinor: Math.min(refundedMinor, invoice.paidMinor),
    goneMinor: moves.reduce((sum, move) => sum + Math.max(0, move), 0),
    backMinor: moves.reduce((sum, move) => sum + Math.max(0, -move), 0),
  }
}

/** Returns the disputes that stand otherwise than before. */
async function writeDisputes(tx: Tx, invoice: InvoiceMoney, payment: PaymentView) {
  const changes = await upsertDisputes(tx, invoice, payment.disputes, newId)
  return changes.flatMap(({ id, dispute, before }) => {
    const standing = disputeStanding(dispute.state)
    return before !== undefined && disputeStanding(before) === standing
      ? []
      : [{ id, dispute, standing }]
  })
}

function moneyEvents(
  one: MirroredSubscription,
  moved: Moved & { readonly currency: string },
  cause: string,
): NewSubscriptionEvent[] {
  const { currency } = moved
  return [
    ...(moved.goneMinor > 0
      ? [eventOf(one, 'refunded', cause, { amountMinor: moved.goneMinor, currency })]
      : []),
    ...(moved.backMinor > 0
      ? [eventOf(one, 'refund_failed', cause, { amountMinor: moved.backMinor, currency })]
      : []),
  ]
}

async function tellOfRefunds(
  tx: Tx,
  what: {
    readonly before: MirroredSubscription
    readonly present: MirroredSubscription
    readonly invoice: InvoiceMoney
    readonly moved: Moved
    readonly cause: string
  },
): Promise<void> {
  const { before, present, invoice, moved, cause } = what
  if (moved.goneMinor === 0 && moved.backMinor === 0) return
  const to = present.memberId === undefined ? undefined : await emailOf(tx, present.memberId)
  if (to !== undefined) {
    const site = await siteIdentity(tx)
    const about = {
      to,
      dates: { zone: site.timeZone, locale: site.locale },
      title: invoice.planTitle ?? 'your subscription',
      invoice,
      key: `${invoice.id}:${invoice.refundedMinor}:${cause}`,
    }
    if (moved.goneMinor > 0)
      await queueMail(tx, refundedMail(about, moved.goneMinor, afterwards(present)))
    if (moved.backMinor > 0) await queueMail(tx, refundFailedMail(about))
  }
  const owner = await ownerAddress(tx)
  if (owner === undefined) return
  const about = await toldToOwner(tx, present, invoice, owner)
  if (moved.backMinor > 0) await queueMail(tx, ownerRefundFailedMail(about, cause))
  // Made at Stripe's side, where nobody was asked what becomes of it.
  if (
    before.money !== 'refunded' &&
    present.money === 'refunded' &&
    !present.isToEnd &&
    afterwards(present) === 'closed'
  )
    await queueMail(tx, ownerClosedMail(about, cause))
}

function afterwards(one: MirroredSubscription): AfterMoneyWent {
  if (one.surplusReason !== undefined) return 'surplus'
  if (one.isToEnd || one.isGone || one.status === 'canceled') return 'ended'
  return one.money === 'refunded' ? 'closed' : 'kept'
}

async function toldToOwner(
  tx: Tx,
  one: MirroredSubscription,
  invoice: InvoiceMoney,
  to: string,
): Promise<OfInvoice> {
  const site = await siteIdentity(tx)
  return {
    to,
    dates: { zone: site.timeZone, locale: site.locale },
    who: (one.memberId === undefined ? undefined : await emailOf(tx, one.memberId)) ?? 'Somebody',
    title: invoice.planTitle ?? 'a subscription',
    customerId: one.customerId,
    renewsAt: one.cancelsAt === undefined ? one.periodEndsAt : undefined,
    invoice,
  }
}
