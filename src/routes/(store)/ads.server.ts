import { randomBytes } from 'node:crypto'
import { hasBenefit } from '#modules/entitlements/server/index.ts'
import { db, runtime } from '#modules/platform/server/index.ts'
import type { AdPlace } from '#modules/site/ads.ts'
import { siteAds } from '#modules/site/server/index.ts'
import type { Ad } from '#modules/site/ui/ad.ts'

const placeOfRoute: Readonly<Record<string, AdPlace>> = {
  '/(store)': 'front',
  '/(store)/p/[slug]': 'product',
  '/(store)/search': 'search',
  '/(store)/pages/[slug]': 'page',
}

/**
 * The ad of a page, where its place has one and whoever asks may see it: subscribers never do, and the owner, who must not press
 * their own ads, sees where it stands. Opens the page's policy for it, and no other page's.
 */
export async function adFor(event: {
  readonly route: { readonly id: string | null }
  readonly locals: App.Locals
}): Promise<Ad | undefined> {
  const place = placeOfRoute[event.route.id ?? '']
  if (!place) return undefined
  const { client, units, asksFirst } = await siteAds(db())
  const unit = units[place]
  if (client === undefined || unit === undefined) return undefined
  const { actor } = event.locals
  if (actor?.kind === 'owner') return { place, isShownAsPlace: true }
  if (actor && (await hasBenefit(db(), actor.memberId, 'plan'))) return undefined
  // One a rendering. A page that is kept is made anew, with another one, whenever anything in it changes.
  const nonce = randomBytes(16).toString('base64')
  event.locals.adNonce = nonce
  const isTest = runtime().settings.stripe.mode === 'rehearsal'
  return { place, isShownAsPlace: false, client, unit, asksFirst, isTest, nonce }
}
