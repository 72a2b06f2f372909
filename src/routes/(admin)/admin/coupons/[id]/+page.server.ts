import { error, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { couponTerms } from '#modules/coupons/coupon-terms.ts'
import { couponStanding, couponStandingWords } from '#modules/coupons/coupon-words.ts'
import { couponById, couponUses, switchCoupon, usesOf } from '#modules/coupons/server/index.ts'
import { ordersOfCheckouts } from '#modules/orders/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import {
  db,
  inTransaction,
  now,
  postedForm,
  runtime,
  textField,
} from '#modules/platform/server/index.ts'
import type { Actions, PageServerLoad } from './$types'
import { termWords } from '../coupon-form.server.ts'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const coupon = (await couponById(db(), event.params.id)) ?? gone()
  const [page, uses, words, at] = await Promise.all([
    couponUses(db(), coupon.id, turnOf(event.url.searchParams)),
    usesOf(db(), [coupon.id]),
    termWords(coupon.productIds ?? []),
    now(db()),
  ])
  const orders = await ordersOfCheckouts(
    db(),
    page.rows.map((use) => use.id),
  )
  const standing = couponStanding(coupon, at)
  return {
    coupon: {
      id: coupon.id,
      code: coupon.code,
      isActive: coupon.isActive,
      mostUses: coupon.mostUses,
      standing,
      standingWord: couponStandingWords[standing],
      isForPlans: coupon.forPlans !== undefined,
    },
    // The code heads the page.
    terms: couponTerms(coupon, words).filter(({ label }) => label !== 'Code'),
    link: `${runtime().settings.origin}/code/${coupon.code}`,
    counts: uses.get(coupon.id) ?? { used: 0, held: 0, takenMinor: 0 },
    uses: page.rows.map((use) => {
      const order = orders.get(use.id)
      return {
        ...use,
        person: order?.email ?? use.person,
        order: order && { id: order.id, number: order.number },
      }
    }),
    ...turnLinks(event.url, page),
    done: event.url.searchParams.get('done') ?? '',
  }
}

export const actions: Actions = {
  async switch(event) {
    const owner = ownerOnly(event)
    const isOn = textField(await postedForm(event.request), 'to') === 'on'
    if (!(await inTransaction((tx) => switchCoupon(tx, owner, event.params.id, isOn)))) gone()
    redirect(303, `/admin/coupons/${event.params.id}?done=${isOn ? 'on' : 'off'}`)
  },
}

function gone(): never {
  error(404, 'There is no coupon here.')
}
