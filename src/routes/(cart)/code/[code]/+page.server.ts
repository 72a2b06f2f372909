import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { canonicalCode } from '#modules/coupons/discount.ts'
import { cartOf, keepCart } from '../../../buyer.server.ts'
import { tryCode } from '../../coupon-code.server.ts'

/**
 * Where a coupon's link leads. Opening it looks nothing up and changes nothing: mail programs and previews open links, too, and
 * a page that told good codes from bad ones could be used to guess them. Only a press puts the code into this browser's cart.
 */
export const load: PageServerLoad = ({ params }) => {
  const code = canonicalCode(params.code) ?? error(404, 'There is no such code.')
  return { code }
}

export const actions: Actions = {
  async default(event) {
    const cart = cartOf(event.cookies)
    // In an empty cart it is looked at alone: what is in a full one may be what it is not for, and can still be changed.
    const tried = await tryCode(event, { entries: [], code: undefined }, event.params.code)
    if (!tried.ok && tried.isForPlans)
      redirect(303, `/plans?${new URLSearchParams({ code: event.params.code })}`)
    if (!tried.ok) return fail(tried.status, { words: tried.words })
    keepCart(event.cookies, { ...cart, code: tried.code })
    redirect(303, '/cart')
  },
}
