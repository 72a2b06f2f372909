import type { Page } from '@playwright/test'
import { looks, type Look } from '../src/modules/site/looks.ts'
import { defaultBrand } from '../src/modules/site/palette.ts'
import type { PicturedShop, Place } from './pictured-shop.ts'

/** One very light, one very dark, one loud: what a brand colour can be at its worst. */
export const brands = { pale: '#f4e3a1', dark: '#1b2333', loud: '#e6007e' } as const

export interface PicturedLook {
  readonly look: Look
  readonly brand: keyof typeof brands
}

export const picturedLooks: readonly PicturedLook[] = looks.flatMap((look) =>
  (['pale', 'dark', 'loud'] as const).map((brand) => ({ look, brand })),
)

/** The pages a look is judged by. */
export const pagesOfLooks: readonly {
  readonly name: string
  readonly who: 'visitor' | 'member'
  readonly at: { readonly address: string } | { readonly place: Place }
}[] = [
  { name: 'front', who: 'visitor', at: { address: '/' } },
  { name: 'product', who: 'visitor', at: { address: '/p/the-wednesday-planner' } },
  { name: 'cart', who: 'visitor', at: { address: '/cart' } },
  { name: 'paid', who: 'visitor', at: { place: 'goods' } },
  { name: 'dashboard', who: 'member', at: { address: '/dashboard' } },
]

/** The shop wears it, and every page is made anew. Its own brand colour: the one it begins with. */
export async function wear(
  pictured: PicturedShop,
  worn: { readonly look: Look; readonly brand: keyof typeof brands | 'own' },
): Promise<void> {
  await pictured.shop.query(
    `update site set look = $1, brand_colour = $2, density = null, head = null, fonts = null, roundness = null, hero = null,
       front_sections = null`,
    [worn.look, worn.brand === 'own' ? defaultBrand : brands[worn.brand]],
  )
}

export async function openPage(
  page: Page,
  pictured: PicturedShop,
  at: (typeof pagesOfLooks)[number]['at'],
): Promise<void> {
  await page.goto('address' in at ? at.address : pictured.place(at.place))
  await page.waitForLoadState('networkidle')
}
