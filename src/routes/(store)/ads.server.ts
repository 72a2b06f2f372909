import { randomBytes } from 'node:crypto'
import type { RequestEvent } from '@sveltejs/kit'
import { hasBenefit } from '#modules/entitlements/server/index.ts'
import { db, runtime } from '#modules/platform/server/index.ts'
import type { AdPlace } from '#modules/site/ads.ts'
import { siteAds } from '#modules/site/server/index.ts'
import type { Ad } from '#modules/site/ui/ad.ts'
import { isDraftAsked } from './draft.server.ts'

/**
 * The ad of a page, where its place has one and whoever asks may see it: subscribers never do, and the owner, who must not press
 * their own ads, sees where it stands. Opens the policy of this very answer for it, so a page asks for it when it has found what it
 * shows: an error page has no place.
 */
export async function adFor(
  { locals, url }: Pick<RequestEvent, 'locals' | 'url'>,
  place: AdPlace,
): Promise<Ad | undefined> {
  const { client, units, asksFirst } = await siteAds(db())
  const unit = units[place]
  if (client === undefined || unit === undefined) return undefined
  const { actor } = locals
  if (isDraftAsked({ locals, url })) return undefined
  if (actor?.kind === 'owner') return { place, isShownAsPlace: true }
  if (actor && (await hasBenefit(db(), actor.memberId, 'plan'))) return undefined
  // One a rendering. A page that is kept is made anew, with another one, whenever anything in it changes.
  const nonce = randomBytes(16).toString('base64')
  locals.adNonce = nonce
  const isTest = runtime().settings.stripe.mode === 'rehearsal'
  return { place, isShownAsPlace: false, client, unit, asksFirst, isTest, nonce }
}
