import { error, redirect, type Cookies } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { productTitles, purchasable } from '#modules/catalog/server/index.ts'
import { mayUse } from '#modules/entitlements/server/index.ts'
import { startCheckout } from '#modules/payments/server/index.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { db, runtime, useLimit, textField } from '#modules/platform/server/index.ts'

/** Starting a checkout costs a call to Stripe: a person needs a few a minute, a script gets no more. */
const limit = { name: 'checkout', most: 30, windowSeconds: 60 } as const

/** "Buy": the form names a product and the price that was shown; everything else comes from the catalogue. */
export const POST: RequestHandler = async ({ request, locals, cookies }) => {
  const form = await readForm(request)
  const product = textField(form, 'product')
  const price = textField(form, 'price')
  if (!isId(product) || !isId(price))
    error(400, 'This form does not say what to buy. Go back and press the button again.')

  const offer = await purchasable(db(), product, price)
  if (!offer.ok) {
    const slug =
      offer.reason === 'price_changed' && (await productTitles(db(), [product])).get(product)?.slug
    if (slug) redirect(303, `/p/${slug}?notice=price-changed`)
    error(410, 'This is not for sale any more.')
  }
  if (locals.actor && (await mayUse(db(), locals.actor.memberId, 'product', product))) {
    redirect(303, '/dashboard?notice=already-yours')
  }
  const used = await useLimit(limit, locals.network)
  if (!used.ok)
    error(
      429,
      `Too many purchases were started from here. Try again in ${used.retryAfterSeconds} seconds.`,
    )

  const { currency, ...line } = offer.line
  const started = await startCheckout({
    payable: 'order',
    currency,
    lines: [{ ...line, quantity: 1 }],
    member: locals.actor && { id: locals.actor.memberId, email: locals.actor.email },
    visitor: visitorOf(cookies),
  })
  if (!started.ok) {
    error(
      503,
      'Payments cannot be reached right now. Nothing was charged; please try again in a moment.',
    )
  }
  const target = new URL(started.url)
  redirect(
    303,
    started.url,
    target.origin === runtime().settings.origin ? {} : { external: [target.origin] },
  )
}

async function readForm(request: Request): Promise<FormData> {
  try {
    return await request.formData()
  } catch {
    error(400, 'This form cannot be read.')
  }
}

/** A random name for this browser, kept where only this address sees it: public pages stay the same for everybody. */
function visitorOf(cookies: Cookies): { id: string; isNew: boolean } {
  const known = cookies.get('visitor')
  if (known && isId(known)) return { id: known, isNew: false }
  const fresh = newId()
  cookies.set('visitor', fresh, {
    path: '/buy',
    httpOnly: true,
    sameSite: 'lax',
    secure: runtime().settings.origin.startsWith('https:'),
    maxAge: 86_400,
  })
  return { id: fresh, isNew: true }
}
