import { productExtras, productKinds } from '#boot/server/product-kinds.ts'
import { agreedNotes } from '#modules/cart/server/index.ts'
import {
  insertGiftWords,
  orderOfCheckout,
  orderPayable,
  provideProductExtras,
  provideProductKinds,
  provideReceiptNotes,
} from '#modules/orders/server/index.ts'
import type { GiftWords, OrderWithLines } from '#modules/orders/types.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'

// Things sold, as tests of what comes after a sale need them: no payment provider, the same fulfilment.

export interface TestProduct {
  readonly id: string
  readonly priceId: string
  readonly title: string
  readonly minor: number
}

/** A live product of the kind "download" with a price, in euro cents. */
export async function aProduct(title = 'Field Notes', minor = 1200): Promise<TestProduct> {
  const { id } = await db()
    .insertInto('product')
    .values({ slug: `p-${newId()}`, kind: 'download', title, state: 'live' })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db().insertInto('download').values({ product_id: id }).execute()
  const price = await db()
    .insertInto('price')
    .values({ product_id: id, amount_minor: minor, currency: 'EUR' })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { id, priceId: price.id, title, minor }
}

/** A checkout that was started and not paid yet. */
export async function aCheckout(
  products: readonly TestProduct[],
  buyer: { readonly email?: string; readonly memberId?: string } = {},
): Promise<string> {
  const backendId = await aBackend()
  const id = newId()
  await db()
    .insertInto('checkout')
    .values({
      id,
      backend_id: backendId,
      payable: 'order',
      member_id: buyer.memberId ?? null,
      email: buyer.email ?? null,
      currency: 'EUR',
      total_minor: products.reduce((sum, product) => sum + product.minor, 0),
      stripe_session_id: `cs_${id}`,
    })
    .execute()
  await db()
    .insertInto('checkout_line')
    .values(
      products.map((product, position) => ({
        checkout_id: id,
        position,
        product_id: product.id,
        price_id: product.priceId,
        kind: 'download',
        title: product.title,
        quantity: 1,
        unit_minor: product.minor,
      })),
    )
    .execute()
  return id
}

/** Sells the products to a guest, or to a member when memberId is given: order, entitlements, receipt. */
export async function sell(
  products: readonly TestProduct[],
  buyer: { readonly email: string; readonly memberId?: string; readonly name?: string },
  gift?: Partial<GiftWords>,
): Promise<OrderWithLines> {
  provideProductKinds(productKinds)
  provideProductExtras(productExtras)
  provideReceiptNotes(agreedNotes)
  const checkoutId = await aCheckout(
    products,
    buyer.memberId ? { memberId: buyer.memberId, email: buyer.email } : {},
  )
  if (gift)
    await inTransaction((tx) =>
      insertGiftWords(tx, checkoutId, {
        fromName: 'Ann',
        toName: 'Tina',
        toEmail: undefined,
        message: '',
        ...gift,
      }),
    )
  const totalMinor = products.reduce((sum, product) => sum + product.minor, 0)
  const row = await db()
    .selectFrom('checkout')
    .select(['backend_id', 'created_at'])
    .where('id', '=', checkoutId)
    .executeTakeFirstOrThrow()
  await inTransaction(async (tx) => {
    await tx.updateTable('checkout').set({ state: 'paid' }).where('id', '=', checkoutId).execute()
    await tx
      .insertInto('payment')
      .values({
        id: newId(),
        checkout_id: checkoutId,
        backend_id: row.backend_id,
        stripe_payment_intent_id: `pi_${checkoutId}`,
        amount_minor: totalMinor,
        currency: 'EUR',
        paid_at: row.created_at,
      })
      .execute()
    await orderPayable.onPaid(tx, {
      checkout: {
        id: checkoutId,
        backendId: row.backend_id,
        payable: 'order',
        state: 'open',
        memberId: buyer.memberId,
        email: buyer.memberId ? buyer.email : undefined,
        currency: 'EUR',
        totalMinor,
        discountMinor: 0,
        couponCode: undefined,
        sessionId: `cs_${checkoutId}`,
        sessionUrl: undefined,
        expiresAt: undefined,
        createdAt: row.created_at,
        failure: undefined,
      },
      lines: products.map((product) => ({
        productId: product.id,
        priceId: product.priceId,
        kind: 'download',
        title: product.title,
        quantity: 1,
        unitMinor: product.minor,
        discountMinor: 0,
        bundle: undefined,
      })),
      facts: {
        amountMinor: totalMinor,
        currency: 'EUR',
        paymentIntentId: `pi_${checkoutId}`,
        chargeId: undefined,
        method: 'card',
        methodDetail: 'Visa 4242',
        email: buyer.email,
        buyerName: buyer.name,
        country: 'DE',
      },
      mode: 'rehearsal',
      cause: 'test',
    })
  })
  const order = await orderOfCheckout(db(), checkoutId)
  if (!order) throw new Error('Nothing was ordered.')
  return order
}

/** Sells the products as a gift that nobody has taken yet. */
export async function sellAsGift(
  products: readonly TestProduct[],
  buyer: { readonly email: string },
  gift: Partial<GiftWords> = {},
): Promise<OrderWithLines> {
  return sell(products, buyer, gift)
}

async function aBackend(): Promise<number> {
  await db()
    .insertInto('stripe_backend')
    .values({ mode: 'rehearsal', account: 'sandbox' })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const { id } = await db()
    .selectFrom('stripe_backend')
    .select('id')
    .where('mode', '=', 'rehearsal')
    .executeTakeFirstOrThrow()
  return id
}
