import { redirect, type Cookies } from '@sveltejs/kit'
import { cartCookie, readCart, writeCart } from '#modules/cart/cart-cookie.ts'
import type { Cart } from '#modules/cart/types.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { isSigned, runtime, sign } from '#modules/platform/server/index.ts'

/** Starting a checkout costs a call to Stripe: a person needs a few a minute, a script gets no more. */
export const startLimit = { name: 'checkout', most: 30, windowSeconds: 60 } as const

const isSecure = () => runtime().settings.origin.startsWith('https:')

/** A random name for this browser, so that pressing twice finds the checkout that is open already. */
export function visitorOf(cookies: Cookies): { id: string; isNew: boolean } {
  const known = cookies.get('visitor')
  if (known && isId(known)) return { id: known, isNew: false }
  const fresh = newId()
  cookies.set('visitor', fresh, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure(),
    maxAge: 86_400,
  })
  return { id: fresh, isNew: true }
}

/**
 * The cart this browser keeps. A code counts only with our seal, which it gets after a try that was counted: else codes could
 * be guessed by writing them into the cookie, as fast as pages are served.
 */
export function cartOf(cookies: Cookies): Cart {
  const text = cookies.get(cartCookie)
  const cart = readCart(text)
  const seal = text?.split('~', 3)[2] ?? ''
  return cart.code === undefined || isSigned(seal, 'cart-code', cart.code)
    ? cart
    : { ...cart, code: undefined }
}

/** Not hidden from script: the shop's pages show how many things are in it, and they are the same for everybody. */
export function keepCart(cookies: Cookies, cart: Cart): void {
  const attributes = { path: '/', httpOnly: false, sameSite: 'lax', secure: isSecure() } as const
  if (cart.entries.length === 0 && cart.code === undefined) cookies.delete(cartCookie, attributes)
  else {
    const seal = cart.code === undefined ? '' : `~${sign('cart-code', cart.code)}`
    cookies.set(cartCookie, writeCart(cart) + seal, { ...attributes, maxAge: 30 * 86_400 })
  }
}

/** To the payment page, which may be at another address than the shop. */
export function toPay(url: string): never {
  const target = new URL(url)
  redirect(
    303,
    url,
    target.origin === runtime().settings.origin ? {} : { external: [target.origin] },
  )
}
