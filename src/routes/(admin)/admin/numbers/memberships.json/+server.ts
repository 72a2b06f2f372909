import { error, json } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { membershipFiguresOf } from '#modules/numbers/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { askedMembershipsOf } from '../asked.server.ts'

/** The figures of the page for the owner's own programs. Amounts in minor units of the currency, days of the zone. */
export const GET: RequestHandler = async (event) => {
  ownerOnly(event)
  const { asked, problem } = await askedMembershipsOf(event.url)
  if (problem) error(400, problem)
  return json({ ...asked, ...(await membershipFiguresOf(db(), asked)) })
}
