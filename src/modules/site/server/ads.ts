import { audit, overwrites, publicData, type Db, type Tx } from '#modules/platform/server/index.ts'
import { adPlaces, noAds, type Ads } from '../ads.ts'
import type { Owner } from './owner.ts'
import { lockSiteRow } from './store.ts'
import { adAccount, adUnits, writeAdAccount, writeAdUnits } from './store.ads.ts'

/** The ads as the owner set them. Remembered between changes. */
export function siteAds(db: Db): Promise<Ads> {
  return db.isTransaction ? readAds(db) : publicData('ads', () => readAds(db))
}

async function readAds(db: Db): Promise<Ads> {
  const account = await adAccount(db)
  const stored = new Map((await adUnits(db)).map(({ place, unit }) => [place, unit]))
  const units = Object.fromEntries(
    adPlaces.flatMap((place) => {
      const unit = stored.get(place)
      return unit ? [[place, unit]] : []
    }),
  )
  return account ? { ...account, units } : { ...noAds, units }
}

/** What the form about ads shows; seenMark() of it goes along with the form. */
export function shownAds({ client, units, asksFirst }: Ads) {
  return { client, units: adPlaces.map((place) => units[place]), asksFirst }
}

/** Sets account, places and who asks first; without an account no ad stands anywhere, and the units stay. On record. seen: the form's mark. */
export async function editAds(
  tx: Tx,
  owner: Owner,
  ads: Ads,
  seen?: string,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: 'changed' }> {
  await lockSiteRow(tx)
  if (overwrites(seen, shownAds(await readAds(tx)), shownAds(ads)))
    return { ok: false, reason: 'changed' }
  await writeAdAccount(tx, ads)
  await writeAdUnits(
    tx,
    adPlaces.flatMap((place) => {
      const unit = ads.units[place]
      return unit ? [{ place, unit }] : []
    }),
  )
  await audit(tx, {
    actor: owner,
    action: 'site.ads',
    subject: { kind: 'site', id: 'site' },
    detail: { client: ads.client ?? null, places: Object.keys(ads.units).join(' ') },
  })
  return { ok: true }
}
