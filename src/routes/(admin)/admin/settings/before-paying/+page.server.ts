import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { askedConsents } from '#modules/cart/consent.ts'
import {
  db,
  inTransaction,
  postedForm,
  seenMark,
  textField,
} from '#modules/platform/server/index.ts'
import {
  type AskedOfBuyers,
  editAsked,
  shownAsked,
  siteIdentity,
  sitePageLinks,
} from '#modules/site/server/index.ts'
import { differing } from '../../../meanwhile.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const [site, pages] = await Promise.all([siteIdentity(db()), sitePageLinks(db())])
  const terms = pages.find((page) => page.slug === 'terms')
  return {
    asksTerms: site.asksTerms,
    asksImmediateDelivery: site.asksImmediateDelivery,
    offersWithdrawal: site.offersWithdrawal,
    seen: seenMark(shownAsked(site)),
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

const labels = {
  asksTerms: 'Ask for agreement to the terms',
  asksImmediateDelivery: 'Ask for consent to immediate delivery',
  offersWithdrawal: 'Offer the form for withdrawing',
} as const

const word = (isWished: boolean) => (isWished ? 'Yes' : 'No')
const told = (asked: AskedOfBuyers) => ({
  asksTerms: word(asked.asksTerms),
  asksImmediateDelivery: word(asked.asksImmediateDelivery),
  offersWithdrawal: word(asked.offersWithdrawal),
})

export const actions: Actions = {
  default: async (event) => {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const asked = {
      asksTerms: textField(form, 'asksTerms') === 'yes',
      asksImmediateDelivery: textField(form, 'asksImmediateDelivery') === 'yes',
      offersWithdrawal: textField(form, 'offersWithdrawal') === 'yes',
    }
    const seen = textField(form, 'seen') || undefined
    const edited = await inTransaction((tx) => editAsked(tx, owner, asked, seen))
    if (!edited.ok) {
      const stored = shownAsked(await inTransaction((tx) => siteIdentity(tx)))
      return fail(409, {
        values: { ...asked, seen: seenMark(stored) },
        stored: differing(labels, told(stored), told(asked)),
      })
    }
    redirect(303, '/admin/settings/before-paying?saved')
  },
}
