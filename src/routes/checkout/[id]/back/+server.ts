import { redirect } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { orderOfCheckout } from '#modules/orders/server/index.ts'
import { orderPath } from '#modules/payments/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { cartOf } from '../../../buyer.server.ts'
import { provenCheckout } from '../proof.server.ts'
import { wayBack } from '../way-back.server.ts'

/** The buyer changed their mind at Stripe: back to the cart or the product, with a word that nothing was charged. */
export const GET: RequestHandler = async (event) => {
  const { checkout, lines } = await provenCheckout(event)
  // Paid all the same (in another tab, say): then it is here.
  if (checkout.state === 'paid') {
    const order = await orderOfCheckout(db(), checkout.id)
    redirect(303, orderPath(checkout.id, order?.linkVersion))
  }
  const { href } = await wayBack(checkout, lines, cartOf(event.cookies))
  redirect(303, href === '/' ? href : `${href}?notice=not-bought`)
}
