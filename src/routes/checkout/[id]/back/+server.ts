import { redirect } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { productTitles } from '#modules/catalog/server/index.ts'
import { orderPath } from '#modules/payments/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { provenCheckout } from '../proof.server.ts'

/** The buyer changed their mind at Stripe: back to the product, with a word that nothing was charged. */
export const GET: RequestHandler = async (event) => {
  const { checkout, lines } = await provenCheckout(event)
  // Paid all the same (in another tab, say): then it is here.
  if (checkout.state === 'paid') redirect(303, orderPath(checkout.id))
  const id = lines[0]?.productId ?? ''
  const product = (await productTitles(db(), [id])).get(id)
  redirect(303, product?.state === 'live' ? `/p/${product.slug}?notice=not-bought` : '/')
}
