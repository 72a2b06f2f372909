import { redirect, type Cookies } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { coversOf } from '#modules/catalog/server/index.ts'
import { downloadLink, linkLifeMs } from '#modules/downloads/server/index.ts'
import { entitlementsOfLines } from '#modules/entitlements/server/index.ts'
import type { Entitlement } from '#modules/entitlements/types.ts'
import { endActivation, licencesOf } from '#modules/licences/server/index.ts'
import { boughtTitles } from '#modules/orders/bought-titles.ts'
import { receiptRows, type ReceiptRow } from '#modules/orders/receipt-rows.ts'
import { orderState } from '#modules/orders/order-state.ts'
import {
  earlierOrderOfSame,
  giftOf,
  giftPath,
  isOrderOf,
  orderOfCheckout,
} from '#modules/orders/server/index.ts'
import type { OrderWithLines } from '#modules/orders/types.ts'
import { lookAtCheckout, wasPaidOddly } from '#modules/payments/server/index.ts'
import type { CheckoutLine } from '#modules/payments/types.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { db, inTransaction, now, postedForm, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { boughtThings, type Bought } from '../../bought.server.ts'
import { cartOf, keepCart } from '../../buyer.server.ts'
import { firstLook, nextLook } from './looks.ts'
import { provenCheckout } from './proof.server.ts'
import { wayBack } from './way-back.server.ts'

/**
 * Where Stripe sends the buyer back, and what the receipt's button opens. It never fulfils anything by itself: it looks at
 * Stripe through the same door as every event, then shows what is so.
 */
export const load: PageServerLoad = async (event) => {
  event.depends('checkout:state')
  const { checkout: first, lines } = await provenCheckout(event)
  const checkout = (await lookAtCheckout(first.id)) ?? first
  if (checkout.state === 'paid') {
    const order = await orderOfCheckout(db(), checkout.id)
    if (!order) throw new Error(`Checkout ${checkout.id} is paid and has no order.`)
    takeOutOfCart(event.cookies, order)
    return {
      state: 'paid' as const,
      letGo: `?/letGo&${new URLSearchParams({ t: event.url.searchParams.get('t') ?? '' })}`,
      ...(await paidPage(order, event.locals.actor?.memberId)),
    }
  }
  return {
    state:
      checkout.state === 'failed' && (await wasPaidOddly(db(), checkout.id))
        ? ('odd' as const)
        : checkout.state,
    things: await waitingThings(lines),
    total: { minor: checkout.totalMinor, currency: checkout.currency },
    // Who closed the tab before paying may go on where they were.
    payUrl: checkout.state === 'open' ? checkout.sessionUrl : undefined,
    looks: { next: nextLook(event.url), first: firstLook(event.url) },
    back: await wayBack(checkout, lines, cartOf(event.cookies)),
  }
}

/** What was to be bought, a bundle as the one thing it is, with its picture. */
async function waitingThings(lines: readonly CheckoutLine[]) {
  const titles = new Map(
    lines.map(({ productId, title, bundle }) =>
      bundle ? [bundle.productId, bundle.title] : [productId, title],
    ),
  )
  const covers = await coversOf(db(), [...titles.keys()])
  return [...titles].map(([id, title]) => ({ title, cover: covers.get(id) }))
}

export const actions: Actions = {
  /** Gives a seat of a licence key back: whoever may see the purchase holds its keys. */
  async letGo(event) {
    const { checkout } = await provenCheckout(event)
    const form = await postedForm(event.request)
    const order = await orderOfCheckout(db(), checkout.id)
    const { actor } = event.locals
    const open = order && !(await giftOf(db(), order.id)) ? await openLineIds(order) : undefined
    if (open)
      await inTransaction((tx) =>
        endActivation(
          tx,
          actor ? { kind: actor.kind, memberId: actor.memberId } : { kind: 'system' },
          { kind: 'order_line', ids: open },
          textField(form, 'activation'),
        ),
      )
    const t = event.url.searchParams.get('t')
    redirect(303, `/checkout/${checkout.id}${t === null ? '' : `?${new URLSearchParams({ t })}`}`)
  },
}

/** Lines whose goods this order's buyer may use now: not what was given to somebody else. */
async function openLineIds(order: OrderWithLines): Promise<string[]> {
  const entitlements = await entitlementsOfLines(
    db(),
    order.lines.map((line) => line.id),
  )
  return entitlements
    .filter((one) => one.customerId === order.customerId && one.state === 'active')
    .map((one) => one.source.id)
}

/** What was bought waits in the cart no longer, nor does a code that was used. */
function takeOutOfCart(cookies: Cookies, order: OrderWithLines): void {
  const cart = cartOf(cookies)
  const bought = new Set(order.lines.map((line) => line.bundle?.productId ?? line.productId))
  const entries = cart.entries.filter((entry) => !bought.has(entry.productId))
  const code = cart.code === order.couponCode ? undefined : cart.code
  if (entries.length !== cart.entries.length || code !== cart.code)
    keepCart(cookies, { entries, code })
}

async function paidPage(order: OrderWithLines, memberId: string | undefined) {
  const [entitlements, gift, instant, earlier, site] = await Promise.all([
    entitlementsOfLines(
      db(),
      order.lines.map((line) => line.id),
    ),
    giftOf(db(), order.id),
    now(db()),
    earlierOrderOfSame(db(), order),
    siteIdentity(db()),
  ])
  const isBuyers = (one: (typeof entitlements)[number]) =>
    one.customerId === order.customerId && !gift && one.reason !== 'reassigned'
  const isTheirs = memberId !== undefined && (await isOrderOf(db(), order, memberId))
  const until = new Date(instant.getTime() + linkLifeMs)
  return {
    gift: gift && {
      state: gift.state,
      path: giftPath(order),
      to: gift.words.toName,
      toEmail: gift.words.toEmail,
      titles: boughtTitles(order.lines),
    },
    // Only what is this buyer's: a gift is opened by whoever took it, a moved order by whom it was moved to.
    bought: inBundles(
      order,
      await boughtThings(
        db(),
        inOrder(order, entitlements).filter(isBuyers),
        (entitlementId, versionId) => downloadLink(entitlementId, versionId, until),
      ),
      entitlements,
    ),
    licences: await licencesOf(
      db(),
      'order_line',
      entitlements
        .filter((one) => isBuyers(one) && one.state === 'active')
        .map((one) => one.source.id),
    ),
    order: {
      number: order.number,
      email: order.email,
      placedAt: order.placedAt,
      isFree: order.totalMinor === 0,
      state: orderState(order),
      rows: [...receiptRows(order, site.locale), ...returnedRow(order, site.locale)],
    },
    // Where nothing was paid anybody's address may have been typed: what they bought before is told to nobody else.
    earlier:
      earlier && (order.totalMinor > 0 || isTheirs)
        ? { number: earlier.number, placedAt: earlier.placedAt }
        : undefined,
    /** Whoever looks is signed in as the one whose order it is. */
    isTheirs,
    isSignedIn: memberId !== undefined,
  }
}

/** As the lines of the order stand, so that what came in one bundle stands together. */
function inOrder(order: OrderWithLines, entitlements: readonly Entitlement[]): Entitlement[] {
  const places = new Map(order.lines.map((line, at) => [line.id, at]))
  const place = (one: Entitlement) => places.get(one.source.id) ?? places.size
  return entitlements.toSorted((one, other) => place(one) - place(other))
}

/** Each thing with the bundle it came in. */
function inBundles(
  order: OrderWithLines,
  bought: readonly Bought[],
  entitlements: readonly Entitlement[],
) {
  const lines = new Map(order.lines.map((line) => [line.id, line.bundle]))
  const sources = new Map(entitlements.map((one) => [one.id, one.source.id]))
  return bought.map((thing) => ({
    ...thing,
    bundle: lines.get(sources.get(thing.entitlementId) ?? ''),
  }))
}

function returnedRow(order: OrderWithLines, locale: string): ReceiptRow[] {
  if (order.refundedMinor === 0) return []
  const money = { minor: order.refundedMinor, currency: order.currency }
  return [{ label: 'Returned', value: `−${formatMoney(money, locale)}` }]
}
