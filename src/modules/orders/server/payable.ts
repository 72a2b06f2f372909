import { customerDetail, customerFor, ownerAddress } from '#modules/accounts/server/index.ts'
import { taxFor } from '#modules/catalog/server/index.ts'
import { confirmUse, freeUse, takeUseBack } from '#modules/coupons/server/index.ts'
import type { Payable, PaidCheckout } from '#modules/payments/payable.ts'
import { canonicalEmail, deliverableEmail } from '#modules/platform/email-address.ts'
import { newId } from '#modules/platform/ids.ts'
import { includedTaxMinor } from '#modules/platform/money.ts'
import { log, queueMail, type Tx } from '#modules/platform/server/index.ts'
import type { OrderLine } from '../types.ts'
import { paymentFailedMail } from './mails/payment-failed.ts'
import { receiptMail } from './mails/receipt.ts'
import { refundMail } from './mails/refund.ts'
import { refundFailedMail } from './mails/refund-failed.ts'
import { ownerDisputeMail, ownerFraudMail, ownerRefundFailedMail } from './mails/to-owner.ts'
import { waitingMail } from './mails/waiting.ts'
import { deliver, receiptParts } from './deliver.ts'
import { readEnclosure } from './enclosures.ts'
import { takerOf } from './gifts.ts'
import { giftClosedMail, giftMail, giftReceiptMail } from './mails/gift.ts'
import { applyRefunds } from './money-moves.ts'
import { giftOfCheckout, insertGift } from './store.gifts.ts'
import { receiptNotes } from './receipt-notes.ts'
import { insertOrder, lockOrderOfCheckout, setOrderDisputes } from './store.ts'

/** What payments tells: orders are made when money comes and answer when it goes back. */
export const orderPayable: Payable = {
  async onPaid(tx, paid) {
    const email = deliverableEmail(paid.facts.email ?? '') ?? paid.checkout.email
    if (!email) throw new Error(`Checkout ${paid.checkout.id} was paid without an address.`)
    const customerId = await customerFor(tx, {
      ...(paid.checkout.memberId ? { memberId: paid.checkout.memberId } : {}),
      email,
      ...(paid.facts.buyerName ? { name: paid.facts.buyerName } : {}),
    })
    const lines = await orderLines(tx, paid)
    const order = await insertOrder(tx, {
      id: newId(),
      checkoutId: paid.checkout.id,
      customerId,
      // A member's receipt goes to the address that is proven by now, not to the one in a wallet.
      email: (paid.checkout.memberId && (await customerDetail(tx, customerId))?.email) || email,
      buyerName: paid.facts.buyerName?.slice(0, 200),
      country: paid.facts.country,
      currency: paid.checkout.currency,
      couponCode: paid.checkout.couponCode,
      mode: paid.mode,
      lines,
    })
    if (paid.checkout.couponCode !== undefined) await confirmUse(tx, paid.checkout, email)
    const gift = await giftOfCheckout(tx, paid.checkout.id)
    if (gift) {
      // What is given waits for whoever takes it; the buyer gets the receipt and the way to hand it over.
      await insertGift(tx, order.id)
      await queueMail(tx, giftReceiptMail(order, gift, await receiptNotes(tx, order.checkoutId)))
      if (gift.toEmail !== undefined) await queueMail(tx, giftMail(order, gift, gift.toEmail))
      return
    }
    await deliver(tx, customerId, lines, paid.cause)
    await queueMail(tx, receiptMail(order, 'first', await receiptParts(tx, order)))
  },

  async onTakenUp(tx, checkout, lines, enclosure) {
    return enclosure === undefined ? undefined : readEnclosure(tx, checkout, lines, enclosure)
  },

  async onAwaiting(tx, checkout, lines, facts) {
    const to = canonicalEmail(facts.email ?? checkout.email ?? '')
    if (to) await queueMail(tx, waitingMail(checkout, lines, to))
  },

  async onFailed(tx, checkout, lines, failed) {
    if (checkout.couponCode !== undefined) await freeUse(tx, checkout.id)
    const to = canonicalEmail(failed.email ?? checkout.email ?? '')
    // Somebody who left the pay page knows it; only a payment that was promised and did not come is told.
    if (failed.reason === 'payment_failed' && to)
      await queueMail(tx, paymentFailedMail(checkout, lines, to))
  },

  async onRefunded(tx, change) {
    const order = await lockOrderOfCheckout(tx, change.checkoutId)
    const wasWhole = order.refundedMinor >= order.totalMinor
    const now = { ...order, refundedMinor: Math.min(change.refundedMinor, order.totalMinor) }
    const isWhole = now.refundedMinor >= order.totalMinor
    const states = await applyRefunds(tx, now, { actor: 'stripe', cause: change.cause })
    // A coupon's use is given back with the last of the money, and counts again when that did not arrive.
    if (order.couponCode !== undefined && isWhole !== wasWhole)
      await (isWhole ? freeUse : takeUseBack)(tx, order.checkoutId)
    if (change.goneMinor > 0) {
      const taker = await takerOf(tx, order.id)
      if (taker) await queueMail(tx, giftClosedMail(now, states, taker.email, change.cause))
      await queueMail(tx, refundMail(now, states, { minor: change.goneMinor, cause: change.cause }))
    }
    if (change.backMinor > 0) {
      log.warn({ order: order.number }, 'a refund failed; the order stands again')
      await queueMail(tx, refundFailedMail(now, states, change.cause))
      const to = await ownerAddress(tx)
      if (to) await queueMail(tx, ownerRefundFailedMail({ order: now, to }, change.cause))
    }
  },

  async onDisputed(tx, change) {
    const order = await lockOrderOfCheckout(tx, change.checkoutId)
    const disputes = { isDisputed: change.isOpen, isDisputeLost: change.isLost }
    await setOrderDisputes(tx, order.id, disputes)
    await applyRefunds(tx, { ...order, ...disputes }, { actor: 'stripe', cause: change.cause })
    const to = await ownerAddress(tx)
    for (const dispute of change.changes)
      if (to) await queueMail(tx, ownerDisputeMail({ order, to }, dispute))
  },

  async onFraudWarning(tx, change) {
    const order = await lockOrderOfCheckout(tx, change.checkoutId)
    const to = await ownerAddress(tx)
    if (to) await queueMail(tx, ownerFraudMail({ order, to }, change.warningId))
  },
}

async function orderLines(
  tx: Tx,
  paid: PaidCheckout,
): Promise<(OrderLine & { priceId: string })[]> {
  const lines: (OrderLine & { priceId: string })[] = []
  for (const line of paid.lines) {
    const totalMinor = line.unitMinor * line.quantity - line.discountMinor
    const rate = await taxFor(tx, line.productId, paid.facts.country)
    lines.push({
      id: newId(),
      productId: line.productId,
      priceId: line.priceId,
      kind: line.kind,
      title: line.title,
      quantity: line.quantity,
      unitMinor: line.unitMinor,
      discountMinor: line.discountMinor,
      totalMinor,
      bundle: line.bundle,
      refundedMinor: 0,
      refundedQuantity: 0,
      tax: rate && { ...rate, minor: includedTaxMinor(totalMinor, rate.basisPoints) },
    })
  }
  return lines
}
