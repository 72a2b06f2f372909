import { error } from '@sveltejs/kit'
import { db, runtime } from '#modules/platform/server/index.ts'
import { paletteCss } from '#modules/site/palette-css.ts'
import { paletteOf } from '#modules/site/palette.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { PageServerLoad } from './$types'

/** Brands that break careless palettes. */
const hardBrands = ['#ffff00', '#777777', '#000000', '#ffffff', '#1f5fa8', '#2e7d4f'] as const

/** Every part in every state: a page for those who build and judge the looks, in rehearsal mode only. */
export const load: PageServerLoad = async () => {
  if (runtime().settings.stripe.mode !== 'rehearsal')
    error(404, 'There is no page at this address.')
  const site = await siteIdentity(db())
  return {
    site,
    palette: paletteOf(site.brandColour, site.paper),
    hard: hardBrands.map((brand, at) => ({
      brand,
      name: `hard-${at}`,
      css: paletteCss(paletteOf(brand, site.paper), `.hard-${at}`),
    })),
  }
}
