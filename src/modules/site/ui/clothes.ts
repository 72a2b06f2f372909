import { fontsOf, type LookChoices } from '../looks.ts'
import { facesCss, fontsAhead } from './font-files.ts'

/** What a page wears, as the server says it: no page carries the rules it was made by. */
export interface Clothes {
  /** For a style element; '' where the stylesheet has it all. */
  readonly css: string
  /** Addresses of the fonts to fetch before the page is read. */
  readonly fonts: readonly string[]
}

/** Colours, look and fonts of the shop, for pages of visitors and buyers. */
export function clothesOf(
  site: LookChoices & { readonly paletteCss: string; readonly lookCss: string },
): Clothes {
  const pair = fontsOf(site)
  return { css: facesCss(pair) + site.paletteCss + site.lookCss, fonts: fontsAhead(pair) }
}
