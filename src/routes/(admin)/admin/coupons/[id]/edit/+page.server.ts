import { error, fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { couponFields } from '#modules/coupons/coupon-form.ts'
import { changedTerms, couponTerms } from '#modules/coupons/coupon-terms.ts'
import { couponById, editCoupon, shownCoupon, usesOf } from '#modules/coupons/server/index.ts'
import {
  db,
  inTransaction,
  postedForm,
  seenMark,
  textField,
} from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { Actions, PageServerLoad } from './$types'
import {
  planChoices,
  postedFields,
  productChoices,
  readPosted,
  saveProblems,
  termWords,
} from '../../coupon-form.server.ts'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const coupon = (await couponById(db(), event.params.id)) ?? gone()
  const { currency, timeZone } = await siteIdentity(db())
  return {
    id: coupon.id,
    code: coupon.code,
    fields: couponFields(coupon, { currency, zone: timeZone }),
    choices: await productChoices(coupon.productIds ?? []),
    plans: await planChoices(),
    seen: seenMark(shownCoupon(coupon)),
  }
}

export const actions: Actions = {
  /** A coupon that was used is not changed before its owner has seen whom that touches. */
  async default(event) {
    const owner = ownerOnly(event)
    const { id } = event.params
    const form = await postedForm(event.request)
    const fields = postedFields(form)
    const coupon = (await couponById(db(), id)) ?? gone()
    const seen = textField(form, 'seen')
    const none = { errors: undefined, preview: undefined, stored: undefined }
    if (textField(form, 'step') === 'edit') return { ...none, fields, seen }
    const read = await readPosted(fields, coupon)
    if (!read.ok) return fail(400, { ...none, fields, seen, errors: read.errors })

    const words = await termWords([...(coupon.productIds ?? []), ...(read.coupon.productIds ?? [])])
    const changes = changedTerms(couponTerms(coupon, words), couponTerms(read.coupon, words))
    const changed = () =>
      fail(409, {
        ...none,
        fields,
        seen: seenMark(shownCoupon(coupon)),
        stored: changes.map(({ label, former }) => ({ label, text: former })),
      })
    if (changes.length === 0) redirect(303, `/admin/coupons/${id}?done=same`)
    if (seen !== '' && seen !== seenMark(shownCoupon(coupon))) return changed()
    const uses = (await usesOf(db(), [id])).get(id)
    if (uses && uses.used + uses.held > 0 && textField(form, 'step') !== 'save') {
      if (read.coupon.mostUses !== undefined && read.coupon.mostUses < coupon.uses)
        return fail(409, { ...none, fields, seen, errors: saveProblems.fewer_than_used })
      return { ...none, fields, seen, preview: { changes, ...uses } }
    }

    const saved = await inTransaction((tx) =>
      editCoupon(tx, owner, id, read.coupon, seen || undefined),
    )
    if (saved.ok) redirect(303, `/admin/coupons/${id}?done=saved`)
    if (saved.reason === 'not_found') gone()
    if (saved.reason === 'changed') return changed()
    return fail(409, { ...none, fields, seen, errors: saveProblems[saved.reason] })
  },
}

function gone(): never {
  error(404, 'There is no coupon here.')
}
