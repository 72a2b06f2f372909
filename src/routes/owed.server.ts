import { owedWords } from '#modules/memberships/membership-words.ts'
import { owedBy } from '#modules/memberships/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

/** What the member at a page owes a payment for, in words; undefined for everybody else. */
export async function owedOn({ locals }: { readonly locals: App.Locals }) {
  const owed = locals.actor?.mayOwe && (await owedBy(db(), locals.actor.memberId))
  if (!owed) return undefined
  const site = await siteIdentity(db())
  const dates = { zone: site.timeZone, locale: site.locale }
  return { subscriptionId: owed.subscriptionId, words: owedWords(owed, dates) }
}
