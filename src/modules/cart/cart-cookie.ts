import { canonicalCode } from '#modules/coupons/discount.ts'
import { isId } from '#modules/platform/ids.ts'
import { largestAmountMinor } from '#modules/platform/money.ts'
import type { Cart, CartEntry } from './types.ts'

/** Read by the shop's script, too: it shows how many things are in the cart on pages that are the same for everybody. */
export const cartCookie = 'cart'
export const mostEntries = 20
export const mostOfOne = 999

export const emptyCart: Cart = { entries: [], code: undefined }

/**
 * Reads the cookie's text. Whatever stands there comes out as a cart: entries that cannot be read are left out, and there
 * are never more than there may be.
 */
export function readCart(text: string | undefined): Cart {
  if (text === undefined || text.length > 2_000) return emptyCart
  const [list = '', code = ''] = text.split('~', 2)
  const entries = list.split('!').flatMap((part) => readEntry(part) ?? [])
  return {
    entries: entries
      .filter((entry, at) => entries.findIndex((one) => one.productId === entry.productId) === at)
      .slice(0, mostEntries),
    code: canonicalCode(code),
  }
}

function readEntry(part: string): CartEntry | undefined {
  const [productId = '', quantity = '', chosen = ''] = part.split('.')
  if (!isId(productId) || !/^[1-9]\d{0,2}$/.test(quantity)) return undefined
  return {
    productId,
    quantity: Number(quantity),
    chosenMinor:
      /^\d{1,8}$/.test(chosen) && Number(chosen) <= largestAmountMinor ? Number(chosen) : undefined,
  }
}

export function writeCart(cart: Cart): string {
  const entries = cart.entries
    .slice(0, mostEntries)
    .map((entry) =>
      [
        entry.productId,
        entry.quantity,
        ...(entry.chosenMinor === undefined ? [] : [entry.chosenMinor]),
      ].join('.'),
    )
  return entries.join('!') + (cart.code === undefined ? '' : `~${cart.code}`)
}

/** Puts a product in. One that is there already is not put in twice; its amount is the newly chosen one. */
export function addEntry(
  cart: Cart,
  entry: CartEntry,
): { readonly cart: Cart; readonly isFull: boolean } {
  const known = cart.entries.some((one) => one.productId === entry.productId)
  if (!known && cart.entries.length >= mostEntries) return { cart, isFull: true }
  return {
    cart: {
      ...cart,
      entries: known
        ? cart.entries.map((one) => (one.productId === entry.productId ? entry : one))
        : [...cart.entries, entry],
    },
    isFull: false,
  }
}
