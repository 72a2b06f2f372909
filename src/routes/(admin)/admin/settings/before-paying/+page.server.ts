import { redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { askedConsents } from '#modules/cart/consent.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { editAsked, siteIdentity, sitePageLinks } from '#modules/site/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const [site, pages] = await Promise.all([siteIdentity(db()), sitePageLinks(db())])
  const terms = pages.find((page) => page.slug === 'terms')
  return {
    asksTerms: site.asksTerms,
    asksImmediateDelivery: site.asksImmediateDelivery,
    offersWithdrawal: site.offersWithdrawal,
    hasTerms: terms !== undefined,
    /** The very words that buyers read and that stay with their orders. */
    sentences: askedConsents({
      asksTerms: true,
      asksImmediateDelivery: true,
      terms: terms && { title: terms.title, href: `/pages/${terms.slug}` },
    }),
    saved: event.url.searchParams.has('saved'),
  }
}

export const actions: Actions = {
  default: async (event) => {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const asked = {
      asksTerms: textField(form, 'asksTerms') === 'yes',
      asksImmediateDelivery: textField(form, 'asksImmediateDelivery') === 'yes',
      offersWithdrawal: textField(form, 'offersWithdrawal') === 'yes',
    }
    await inTransaction((tx) => editAsked(tx, owner, asked))
    redirect(303, '/admin/settings/before-paying?saved')
  },
}
