import { error, redirect, type Cookies } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { networkOf } from '#modules/accounts/network.ts'
import { addEntry } from '#modules/cart/cart-cookie.ts'
import { purchaseOf, quoteCart } from '#modules/cart/server/index.ts'
import type { CartEntry } from '#modules/cart/types.ts'
import { readChosen } from '#modules/catalog/price-rules.ts'
import { offersOf, productTitles } from '#modules/catalog/server/index.ts'
import type { Offer } from '#modules/catalog/types.ts'
import { mayUse } from '#modules/entitlements/server/index.ts'
import { startCheckout } from '#modules/payments/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { db, textField, useLimit } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { findProductKind } from '#boot/server/product-kinds.ts'
import { cartOf, keepCart, startLimit, toPay, visitorOf } from '../buyer.server.ts'

/**
 * "Buy" and "Add to cart": the form names a product and the price that was shown; everything else comes from the catalogue.
 * One thing that nothing has to be asked about goes straight to the payment page, everything else by way of the cart.
 */
export const POST: RequestHandler = async ({ request, locals, cookies }) => {
  const form = await readForm(request)
  const product = textField(form, 'product')
  const price = textField(form, 'price')
  if (!isId(product) || !isId(price))
    error(400, 'This form does not say what to buy. Go back and press the button again.')

  const offer = (await offersOf(db(), [product])).get(product)
  if (!offer) error(410, 'This is not for sale any more.')
  if (offer.price.id !== price) redirect(303, await pageOf(product, 'price-changed'))
  const chosen = await chosenOf(offer, textField(form, 'amount'))
  const entry: CartEntry = { productId: product, quantity: 1, chosenMinor: chosen }

  if (textField(form, 'to') === 'cart') return intoCart(cookies, entry)
  const runsOut = findProductKind(offer.kind)?.runsOut ?? false
  if (!runsOut && locals.actor && (await mayUse(db(), locals.actor.memberId, 'product', product)))
    redirect(303, '/dashboard?notice=already-yours')
  const site = await siteIdentity(db())
  const isAsked = offer.questions.length > 0 || site.asksTerms || site.asksImmediateDelivery
  const quote = await quoteCart(db(), { entries: [entry], code: undefined })
  if (quote.lines.length === 0) error(410, 'This is not for sale any more.')
  if (isAsked || quote.totalMinor === 0) return intoCart(cookies, entry)

  const used = await useLimit(startLimit, networkOf(locals.network))
  if (!used.ok)
    error(
      429,
      `Too many purchases were started from here. Try again in ${used.retryAfterSeconds} seconds.`,
    )
  const started = await startCheckout(
    purchaseOf(
      quote,
      {
        member: locals.actor && { id: locals.actor.memberId, email: locals.actor.email },
        email: undefined,
        visitor: visitorOf(cookies),
        network: locals.network,
      },
      { consents: [], answers: [], gift: undefined },
    ),
  )
  if (!started.ok)
    error(
      503,
      'Payments cannot be reached right now. Nothing was charged; please try again in a moment.',
    )
  return toPay(started.url)
}

/** What the buyer wants to pay where the price is open; refused on the product's own page. */
async function chosenOf(offer: Offer, typed: string): Promise<number | undefined> {
  if (!offer.price.isOpen || typed === '') return undefined
  const read = readChosen(typed.slice(0, 100), offer.price)
  // The page says what is wrong with it, and has it in its field again.
  if (!read.ok)
    redirect(
      303,
      await pageOf(offer.productId, `amount&amount=${encodeURIComponent(typed.slice(0, 30))}`),
    )
  return read.minor
}

function intoCart(cookies: Cookies, entry: CartEntry): never {
  const { cart, isFull } = addEntry(cartOf(cookies), entry)
  if (isFull) redirect(303, '/cart?notice=full')
  keepCart(cookies, cart)
  redirect(303, '/cart')
}

async function pageOf(productId: string, notice: string): Promise<string> {
  const slug = (await productTitles(db(), [productId])).get(productId)?.slug
  return slug ? `/p/${slug}?notice=${notice}` : '/'
}

async function readForm(request: Request): Promise<FormData> {
  try {
    return await request.formData()
  } catch {
    error(400, 'This form cannot be read.')
  }
}
