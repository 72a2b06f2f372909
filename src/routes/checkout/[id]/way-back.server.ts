import type { Cart } from '#modules/cart/types.ts'
import { productTitles } from '#modules/catalog/server/index.ts'
import type { Checkout, CheckoutLine } from '#modules/payments/types.ts'
import { db } from '#modules/platform/server/index.ts'

/**
 * Where somebody goes on who did not pay: to their cart when it came from there or held several things, else to the product,
 * where it is still sold.
 */
export async function wayBack(
  checkout: Pick<Checkout, 'couponCode'>,
  lines: readonly Pick<CheckoutLine, 'productId' | 'bundle'>[],
  cart: Cart,
): Promise<{ readonly label: string; readonly href: string }> {
  const ids = new Set(lines.map((line) => line.bundle?.productId ?? line.productId))
  const isInCart = cart.entries.some((entry) => ids.has(entry.productId))
  if (isInCart || (cart.entries.length > 0 && (ids.size > 1 || checkout.couponCode !== undefined)))
    return { label: 'Back to your cart', href: '/cart' }
  const [id = ''] = ids
  const product = (await productTitles(db(), [id])).get(id)
  return product?.state === 'live'
    ? { label: `Back to ${product.title}`, href: `/p/${product.slug}` }
    : { label: 'See what the shop has', href: '/' }
}
