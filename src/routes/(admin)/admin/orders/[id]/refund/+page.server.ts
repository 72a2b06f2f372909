import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { ownerOnly, provenForm, requireFreshProof } from '#modules/accounts/server/index.ts'
import { productIdsOpenElsewhere } from '#modules/entitlements/server/index.ts'
import type { RefundDraft, RefundPlan } from '#modules/orders/refund-plan.ts'
import {
  giftOf,
  orderById,
  previewRefund,
  refundOrder,
  standingParts,
} from '#modules/orders/server/index.ts'
import type { OrderWithLines } from '#modules/orders/types.ts'
import { methodWords } from '#modules/payments/method-words.ts'
import { moneyOfCheckout, sendRefundNow } from '#modules/payments/server/index.ts'
import { formatMoney, moneyToInput } from '#modules/platform/money.ts'
import { db, inTransaction, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { OrderNotice } from '../order-notices.ts'
import { amountField, quantityField, readDraft, refundForm } from './refund-form.ts'

/** Shows what a refund would do before money goes back: all that is left, or what was chosen in the form. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const order = (await orderById(db(), event.params.id)) ?? error(404, 'There is no order here.')
  const { money, leftMinor } = await moneyLeft(order)
  await requireFreshProof(event, 'refund')
  const parts = await standingParts(db(), order)
  return {
    order: { id: order.id, number: order.number, email: order.email, currency: order.currency },
    paidBy: methodWords(money.method, money.methodDetail),
    leftMinor,
    lines: order.lines.map((line) => {
      const own = parts.filter((part) => part.orderLineId === line.id)
      const left = line.totalMinor - own.reduce((sum, part) => sum + part.amountMinor, 0)
      return {
        id: line.id,
        title: line.title,
        bundle: line.bundle?.title,
        quantity: line.quantity,
        totalMinor: line.totalMinor,
        leftMinor: left,
        left: moneyToInput({ minor: left, currency: order.currency }),
        leftQuantity: line.quantity - own.reduce((sum, part) => sum + part.quantity, 0),
        amountField: amountField(line.id),
        quantityField: quantityField(line.id),
      }
    }),
    rest: await effectOf(order, { of: 'rest', keepsAccess: false }),
  }
}

/** Leads back to the order where there is nothing to give back, or where another refund has not been answered yet. */
async function moneyLeft(order: OrderWithLines) {
  const money = await moneyOfCheckout(db(), order.checkoutId)
  if (money?.refunds.some((refund) => refund.state === 'requested'))
    backTo(order.id, 'refund-under-way')
  const leftMinor = money ? money.amountMinor - money.refundedMinor : 0
  if (!money || leftMinor <= 0) backTo(order.id, 'refund-nothing-left')
  return { money, leftMinor }
}

/** What is told before it is done. */
async function effectOf(order: OrderWithLines, draft: RefundDraft) {
  const plan = await previewRefund(db(), order, draft)
  if (!plan.ok) return undefined
  const closing = plan.lines.filter((line) => line.closes)
  const productOf = new Map(order.lines.map((line) => [line.id, line.productId]))
  const elsewhere = await productIdsOpenElsewhere(db(), {
    customerId: (await giftOf(db(), order.id))?.redeemedBy ?? order.customerId,
    benefit: 'product',
    subjectIds: closing.map((line) => productOf.get(line.lineId) ?? ''),
    exceptLineIds: order.lines.map((line) => line.id),
  })
  return {
    amountMinor: plan.amountMinor,
    givesCouponBack:
      order.couponCode !== undefined && order.refundedMinor + plan.amountMinor >= order.totalMinor,
    lines: plan.lines.map((line) => ({
      ...line,
      opensElsewhere: line.closes && elsewhere.has(productOf.get(line.lineId) ?? ''),
    })),
  }
}

const asked = {
  under_way: 'refund-under-way',
  nothing_left: 'refund-nothing-left',
} as const satisfies Record<string, OrderNotice>

const sent = {
  sent: 'refunded',
  done: 'refunded',
  failed: 'refund-failed',
  later: 'refund-later',
} as const satisfies Record<string, OrderNotice>

export const actions: Actions = {
  async default(event) {
    const owner = ownerOnly(event)
    const { id } = event.params
    const { form } = await provenForm(event, 'refund')
    const values = Object.fromEntries(
      [...form].flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value.slice(0, 1_000)] as const] : [],
      ),
    )
    const refuse = (status: number, errors: Readonly<Record<string, string>>) =>
      fail(status, { values, errors, effect: undefined })
    const order = (await orderById(db(), id)) ?? error(404, 'There is no order here.')
    // Whoever sends the form once more, because the answer to the first time was lost, is told what became of it.
    if (textField(form, 'step') !== 'preview') await moneyLeft(order)
    const draft = readDraft(order, (field) => textField(form, field))
    if (!draft.ok) return refuse(400, draft.errors)
    const plan = await previewRefund(db(), order, draft.draft)
    if (!plan.ok && plan.reason !== 'nothing') return refuse(400, await problemOf(order, plan))
    if (textField(form, 'step') === 'preview') {
      if (!plan.ok)
        return refuse(400, { '': 'Say for at least one line how much of it goes back.' })
      return { values, errors: {}, effect: await effectOf(order, draft.draft) }
    }
    const read = refundForm.safeParse({ reason: textField(form, 'reason') })
    if (!read.success) return refuse(400, { reason: read.error.issues[0]?.message ?? '' })

    const expected = textField(form, 'expected')
    const request = await inTransaction(
      (tx) =>
        refundOrder(tx, owner, id, draft.draft, {
          reason: read.data.reason,
          expectedMinor: /^\d{1,9}$/.test(expected) ? Number(expected) : undefined,
        }),
      'money',
    )
    if (!request.ok) {
      switch (request.reason) {
        case 'unknown':
          return error(404, 'There is no order here.')
        case 'under_way':
        case 'nothing_left':
          return backTo(id, asked[request.reason])
        case 'plan':
          if (request.plan.reason === 'nothing') return backTo(id, 'refund-nothing-left')
          return refuse(409, await problemOf(order, request.plan))
        case 'too_much':
          return refuse(409, {
            '': 'What is left of the order has changed meanwhile. Look at it once more.',
          })
        case 'not_paid':
          return refuse(409, { '': 'No payment came with this order.' })
        case 'other_backend':
          return refuse(409, {
            '': 'This was paid at another Stripe account or in another mode. Refund it there, or set the keys of that time.',
          })
      }
    }
    // Committed: from here on the refund is sent whatever happens to this request.
    return backTo(id, sent[await sendRefundNow(request.refundId)])
  },
}

async function problemOf(
  order: OrderWithLines,
  plan: Extract<RefundPlan, { ok: false }>,
): Promise<Record<string, string>> {
  const { locale } = await siteIdentity(db())
  const most = formatMoney({ minor: plan.mostMinor ?? 0, currency: order.currency }, locale)
  switch (plan.reason) {
    case 'nothing':
      return { '': 'Say for at least one line how much of it goes back.' }
    case 'unknown_line':
      return { '': 'This order has no such line.' }
    case 'more_than_line':
      return { [amountField(plan.lineId ?? '')]: `Between nothing and ${most} of it can go back.` }
    case 'more_than_quantity':
      return { [quantityField(plan.lineId ?? '')]: 'So many are not left of it.' }
    case 'more_than_left':
      return { '': `Only ${most} of this order is left: some went back at Stripe already.` }
  }
}

function backTo(orderId: string, notice: OrderNotice): never {
  redirect(303, `/admin/orders/${orderId}?notice=${notice}`)
}
