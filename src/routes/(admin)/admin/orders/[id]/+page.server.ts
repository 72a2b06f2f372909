import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { ownerOnly, provenForm } from '#modules/accounts/server/index.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { answersOf, consentsOf } from '#modules/cart/server/index.ts'
import { accessOf } from '#modules/downloads/server/index.ts'
import { explainEntitlement } from '#modules/entitlements/reasons.ts'
import { entitlementEvents, entitlementsOfLines } from '#modules/entitlements/server/index.ts'
import { endActivation, licencesOf } from '#modules/licences/server/index.ts'
import { keptMinor, orderState, orderStateWords } from '#modules/orders/order-state.ts'
import {
  assignRefund,
  earlierOrderOfSame,
  giftOf,
  mailsOfOrder,
  openWithdrawalOf,
  orderById,
  resendReceipt,
  unassignedRefunds,
} from '#modules/orders/server/index.ts'
import { methodWords } from '#modules/payments/method-words.ts'
import { moneyOfCheckout } from '#modules/payments/server/index.ts'
import {
  db,
  inTransaction,
  postedForm,
  textField,
  useLimit,
} from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { findProductKind } from '#boot/server/product-kinds.ts'
import { orderNotice, type OrderNotice } from './order-notices.ts'
import { timelineOf } from './timeline.ts'

/** A slip of the hand must not fill a buyer's mailbox: copies of one order's receipt an hour. */
const copies = { name: 'receipt-copy-by-owner', most: 5, windowSeconds: 3600 } as const

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const order = await orderOr404(event.params.id)
  const [site, money, entitlements, mails, earlier] = await Promise.all([
    siteIdentity(db()),
    moneyOfCheckout(db(), order.checkoutId),
    entitlementsOfLines(
      db(),
      order.lines.map((line) => line.id),
    ),
    mailsOfOrder(db(), order),
    earlierOrderOfSame(db(), order),
  ])
  const [answers, consents, unassigned, gift, withdrawal, licences] = await Promise.all([
    answersOf(db(), order.checkoutId),
    consentsOf(db(), order.checkoutId),
    unassignedRefunds(db(), order),
    giftOf(db(), order.id),
    openWithdrawalOf(db(), order.id),
    licencesOf(
      db(),
      'order_line',
      order.lines.map((line) => line.id),
    ),
  ])
  const titleOf = new Map(order.lines.map((line) => [line.id, line.title]))
  const titles = new Map(entitlements.map((one) => [one.id, titleOf.get(one.source.id) ?? '']))
  const events = await entitlementEvents(
    db(),
    entitlements.map((one) => one.id),
  )
  const fetches = await Promise.all(entitlements.map((one) => accessOf(db(), one.id)))
  const paidBy = money && methodWords(money.method, money.methodDetail)
  const leftMinor = money ? money.amountMinor - money.refundedMinor : 0
  return {
    order: {
      id: order.id,
      number: order.number,
      placedAt: order.placedAt,
      customerId: order.customerId,
      email: order.email,
      buyerName: order.buyerName,
      country: order.country,
      currency: order.currency,
      totalMinor: order.totalMinor,
      discountMinor: order.discountMinor,
      couponCode: order.couponCode,
      taxMinor: order.taxMinor,
      refundedMinor: order.refundedMinor,
      isDisputeLost: order.isDisputeLost,
      keptMinor: keptMinor(order),
      mode: order.mode,
      state: orderState(order),
      stateWord: orderStateWords[orderState(order)],
      lines: order.lines.map((line, position) => ({
        ...line,
        answers: answers.filter((answer) => answer.position === position),
        kindWord: findProductKind(line.kind)?.words.one ?? line.kind,
      })),
    },
    money: money && {
      paidBy,
      paymentIntentId: money.paymentIntentId,
      refunds: money.refunds.map((refund) => ({
        ...refund,
        isUnassigned: order.lines.length > 1 && unassigned.has(refund.id),
      })),
      disputes: money.disputes,
      warnings: money.warnings,
    },
    /** What a full refund would give back now; undefined when nothing is left, one is under way, or the bank has the money. */
    refundable:
      leftMinor > 0 &&
      money &&
      !order.isDisputed &&
      !order.isDisputeLost &&
      !money.refunds.some((refund) => refund.state === 'requested')
        ? { minor: leftMinor, currency: order.currency }
        : undefined,
    rights: entitlements.map((one, at) => ({
      id: one.id,
      title: titles.get(one.id) ?? '',
      state: one.state,
      stateWord: one.state === 'active' ? 'Opens' : explainEntitlement(one.state, one.reason).title,
      since: one.startsAt,
      fetches: (fetches[at] ?? []).slice(0, 20),
    })),
    mails: mails.map(({ id, template, subject, to, state, sentAt, createdAt, lastError }) => ({
      id,
      template,
      subject,
      to,
      state,
      at: sentAt ?? createdAt,
      lastError,
    })),
    timeline: timelineOf(
      {
        order,
        paidBy,
        refunds: money?.refunds ?? [],
        disputes: money?.disputes ?? [],
        entitlements: events.map((one) => ({ ...one, title: titles.get(one.entitlementId) ?? '' })),
        mails,
      },
      site.locale,
    ),
    consents,
    withdrawal: withdrawal && { id: withdrawal.id, receivedAt: withdrawal.receivedAt },
    licences,
    gift: gift && { state: gift.state, to: gift.words.toName, toEmail: gift.words.toEmail },
    earlier: earlier && { id: earlier.id, number: earlier.number },
    notice: orderNotice(event.url.searchParams.get('notice')),
  }
}

const assignNotices = {
  unknown: 'assign-unknown',
  nothing_to_assign: 'assign-done',
  does_not_fit: 'assign-too-much',
} as const satisfies Record<string, OrderNotice>

export const actions: Actions = {
  /** Says which line a refund was for that was made at Stripe's side. */
  async assign(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'access')
    const assigned = await inTransaction(
      (tx) =>
        assignRefund(tx, owner, event.params.id, {
          refundId: textField(form, 'refund'),
          lineId: textField(form, 'line'),
          keepsAccess: false,
        }),
      'money',
    )
    const notice = assigned.ok ? 'assigned' : assignNotices[assigned.reason]
    redirect(303, `/admin/orders/${event.params.id}?notice=${notice}`)
  },

  /** Ends an activation of one of the order's licence keys. */
  async endActivation(event) {
    const owner = ownerOnly(event)
    const order = await orderOr404(event.params.id)
    const form = await postedForm(event.request)
    const isEnded = await inTransaction((tx) =>
      endActivation(
        tx,
        { kind: 'owner', memberId: owner.memberId },
        { kind: 'order_line', ids: order.lines.map((line) => line.id) },
        textField(form, 'activation'),
      ),
    )
    redirect(
      303,
      `/admin/orders/${order.id}?notice=activation-${isEnded ? 'ended' : 'gone'}#licences`,
    )
  },

  async receipt(event) {
    const owner = ownerOnly(event)
    const order = await orderOr404(event.params.id)
    const used = await useLimit(copies, order.id)
    if (!used.ok)
      return fail(429, {
        words: tooMany(event, 'The receipt was sent several times', used.retryAfterSeconds),
      })
    await inTransaction((tx) => resendReceipt(tx, owner, order))
    redirect(303, `/admin/orders/${order.id}?notice=receipt-sent`)
  },
}

async function orderOr404(id: string) {
  return (await orderById(db(), id)) ?? error(404, 'There is no order at this address.')
}
