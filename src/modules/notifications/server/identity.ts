import { paletteOf } from '#modules/site/palette.ts'
import type { SiteIdentity } from '#modules/site/types.ts'
import { runtime } from '#modules/platform/server/index.ts'
import type { MailIdentity } from '../mail-frame.ts'

/** The shop's name and its button's colours, the same readable pair as on its pages. */
export function mailIdentity(
  site: Pick<SiteIdentity, 'name' | 'brandColour' | 'paper'>,
): MailIdentity {
  const { accent, 'on-accent': onAccent } = paletteOf(site.brandColour, site.paper).light
  return { shopName: site.name, origin: runtime().settings.origin, accent, onAccent }
}
