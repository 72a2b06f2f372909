import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { couponFields } from '#modules/coupons/coupon-form.ts'
import { madeUpCode } from '#modules/coupons/made-up-code.ts'
import { createCoupon } from '#modules/coupons/server/index.ts'
import { db, inTransaction, postedForm } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { Actions, PageServerLoad } from './$types'
import {
  planChoices,
  postedFields,
  productChoices,
  readPosted,
  saveProblems,
} from '../coupon-form.server.ts'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const { currency, timeZone } = await siteIdentity(db())
  return {
    fields: couponFields(undefined, { currency, zone: timeZone }),
    choices: await productChoices([]),
    plans: await planChoices(),
  }
}

export const actions: Actions = {
  default: async (event) => {
    const owner = ownerOnly(event)
    const fields = postedFields(await postedForm(event.request))
    const read = await readPosted(fields, { code: madeUpCode(), isActive: true })
    if (!read.ok) return fail(400, { fields, errors: read.errors })
    const saved = await inTransaction((tx) => createCoupon(tx, owner, read.coupon))
    if (!saved.ok) return fail(409, { fields, errors: saveProblems.code_taken })
    redirect(303, `/admin/coupons/${saved.couponId}?done=made`)
  },
}
