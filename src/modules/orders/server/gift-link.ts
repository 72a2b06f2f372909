import { isSameText, sign } from '#modules/platform/server/index.ts'
import type { Order } from '../types.ts'

type Linked = Pick<Order, 'id' | 'checkoutId' | 'linkVersion'>

/**
 * Whoever has this link may take the gift: it was handed to them. One from before the order was moved opens nothing. It names
 * the checkout, so that it still leads there when the order had to be made anew from its note at Stripe.
 */
export function giftPath(order: Linked): string {
  return `/gift/${order.checkoutId}?t=${giftToken(order.checkoutId, order)}`
}

/** Whether the link to a gift is one this shop made, and still counts. Those of former versions name the order. */
export function isGiftLink(order: Linked, token: string): boolean {
  return [order.checkoutId, order.id].some((id) => isSameText(token, giftToken(id, order)))
}

function giftToken(id: string, { linkVersion }: Linked): string {
  return linkVersion === 0 ? sign('gift', id) : sign('gift', id, String(linkVersion))
}
