import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import type { AccessRules } from '#modules/memberships/access.ts'
import {
  membershipRules,
  mostGraceDays,
  setMembershipRules,
} from '#modules/memberships/server/index.ts'
import {
  db,
  inTransaction,
  postedForm,
  seenMark,
  textField,
} from '#modules/platform/server/index.ts'
import { differing } from '../../../meanwhile.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const rules = await membershipRules(db())
  return {
    values: asTyped(rules),
    seen: seenMark({ ...rules }),
    mostGraceDays,
    saved: event.url.searchParams.has('saved'),
  }
}

const labels = {
  graceDays: 'Days of grace',
  pauseKeepsAccess: 'Who is paused keeps access',
} as const

const asTyped = ({ graceDays, pauseKeepsAccess }: AccessRules) => ({
  graceDays: String(graceDays),
  pauseKeepsAccess,
})
const told = ({ graceDays, pauseKeepsAccess }: AccessRules) => ({
  graceDays: String(graceDays),
  pauseKeepsAccess: pauseKeepsAccess ? 'Yes' : 'No',
})

export const actions: Actions = {
  default: async (event) => {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const typed = textField(form, 'graceDays').trim().slice(0, 20)
    const pauseKeepsAccess = textField(form, 'pauseKeepsAccess') === 'yes'
    const seen = textField(form, 'seen') || undefined
    const graceDays = Number(typed)
    if (!/^\d{1,3}$/.test(typed) || graceDays > mostGraceDays)
      return fail(400, {
        values: { graceDays: typed, pauseKeepsAccess },
        seen,
        errors: { graceDays: `Type whole days from 0 to ${mostGraceDays}.` },
        stored: undefined,
      })
    const rules = { graceDays, pauseKeepsAccess }
    const saved = await inTransaction((tx) => setMembershipRules(tx, owner, rules, seen))
    if (!saved.ok) {
      const stored = await inTransaction((tx) => membershipRules(tx))
      return fail(409, {
        values: asTyped(rules),
        seen: seenMark({ ...stored }),
        errors: undefined,
        stored: differing(labels, told(stored), told(rules)),
      })
    }
    redirect(303, '/admin/subscriptions/rules?saved')
  },
}
