import { isSameText, sign } from '#modules/platform/server/index.ts'
import type { Order } from '../types.ts'

/** Whoever has this link may take the gift: it was handed to them. One from before the order was moved opens nothing. */
export function giftPath(order: Pick<Order, 'id' | 'linkVersion'>): string {
  return `/gift/${order.id}?t=${giftToken(order)}`
}

/** Whether the link to a gift is one this shop made, and still counts. */
export function isGiftLink(order: Pick<Order, 'id' | 'linkVersion'>, token: string): boolean {
  return isSameText(token, giftToken(order))
}

function giftToken({ id, linkVersion }: Pick<Order, 'id' | 'linkVersion'>): string {
  return linkVersion === 0 ? sign('gift', id) : sign('gift', id, String(linkVersion))
}
