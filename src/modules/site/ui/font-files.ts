import archivo from '#modules/platform/ui/fonts/archivo-display-latin.woff2?url'
import archivoExt from '#modules/platform/ui/fonts/archivo-display-latin-ext.woff2?url'
import bricolage from '#modules/platform/ui/fonts/bricolage-display-latin.woff2?url'
import bricolageExt from '#modules/platform/ui/fonts/bricolage-display-latin-ext.woff2?url'
import figtree from '#modules/platform/ui/fonts/figtree-latin.woff2?url'
import figtreeExt from '#modules/platform/ui/fonts/figtree-latin-ext.woff2?url'
import fraunces from '#modules/platform/ui/fonts/fraunces-display-latin.woff2?url'
import frauncesExt from '#modules/platform/ui/fonts/fraunces-display-latin-ext.woff2?url'
import hanken from '#modules/platform/ui/fonts/hanken-grotesk-latin.woff2?url'
import hankenExt from '#modules/platform/ui/fonts/hanken-grotesk-latin-ext.woff2?url'
import instrumentSans from '#modules/platform/ui/fonts/instrument-sans-latin.woff2?url'
import instrumentSansExt from '#modules/platform/ui/fonts/instrument-sans-latin-ext.woff2?url'
import instrumentSerif from '#modules/platform/ui/fonts/instrument-serif-latin.woff2?url'
import instrumentSerifExt from '#modules/platform/ui/fonts/instrument-serif-latin-ext.woff2?url'
import newsreader from '#modules/platform/ui/fonts/newsreader-display-latin.woff2?url'
import newsreaderExt from '#modules/platform/ui/fonts/newsreader-display-latin-ext.woff2?url'
import sourceSerif from '#modules/platform/ui/fonts/source-serif-latin.woff2?url'
import sourceSerifExt from '#modules/platform/ui/fonts/source-serif-latin-ext.woff2?url'
import {
  familiesOf,
  familiesOfEveryPage,
  fontFaces,
  type FontFamily,
  type FontPair,
} from '../fonts.ts'

/** Addresses of each family's files: Latin-1, and the letters beyond it that are fetched only where a page has them. */
const files: Readonly<Record<FontFamily, readonly [latin: string, latinExt: string]>> = {
  'hanken-grotesk': [hanken, hankenExt],
  'newsreader-display': [newsreader, newsreaderExt],
  figtree: [figtree, figtreeExt],
  'fraunces-display': [fraunces, frauncesExt],
  'instrument-sans': [instrumentSans, instrumentSansExt],
  'instrument-serif': [instrumentSerif, instrumentSerifExt],
  'bricolage-display': [bricolage, bricolageExt],
  'source-serif': [sourceSerif, sourceSerifExt],
  'archivo-display': [archivo, archivoExt],
}

/** Which signs stand in which file; the same ranges as in platform/ui/fonts.css. */
const ranges = [
  'U+20-7E,U+A0-FF,U+131,U+152-153,U+2C6,U+2DA,U+2DC,U+2000-200B,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+2030,U+2032-2033,U+2039-203A,U+20AC,U+2122,U+2212,U+2215',
  'U+100-130,U+132-151,U+154-2BA,U+2BD-2C5,U+2C7-2CC,U+2CE-2D7,U+2DD-2FF,U+304,U+308,U+329,U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF',
] as const

const locals = {
  Arial: "local('Arial'),local('Liberation Sans'),local('Helvetica')",
  Times: "local('Times New Roman'),local('Liberation Serif'),local('Times')",
} as const

/** What is fetched before the page is read: the file of each family that nearly every page needs. */
export function fontsAhead(pair: FontPair): readonly string[] {
  return familiesOf(pair).map((family) => files[family][0])
}

/** Faces of a pair, for a style element; '' where the stylesheet of every page has them. Of constants alone. */
export function facesCss(pair: FontPair): string {
  return familiesOf(pair)
    .filter((family) => !familiesOfEveryPage.includes(family))
    .map(facesOf)
    .join('')
}

function facesOf(family: FontFamily): string {
  const { name, standIn, weights, like, size, ascent, descent } = fontFaces[family]
  const own = files[family].map(
    (file, at) =>
      `@font-face{font-family:'${name}';src:url('${file}') format('woff2');font-weight:${weights};font-display:swap;unicode-range:${ranges[at]}}`,
  )
  const until = `@font-face{font-family:'${standIn}';src:${locals[like]};size-adjust:${size}%;ascent-override:${ascent}%;descent-override:${descent}%;line-gap-override:0%}`
  return own.join('') + until
}
