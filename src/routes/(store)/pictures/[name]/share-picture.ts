import sharp from 'sharp'
import type { Hex } from '#modules/platform/oklch.ts'
import { coverArt } from '#modules/platform/ui/cover-art.ts'
import { outlineText } from '#modules/platform/ui/outline-text.ts'
import { paletteOf, type Paper } from '#modules/site/palette.ts'

export interface ShareWords {
  /** Set large. */
  readonly title: string
  /** Below it, small: the shop's name or sentence; '' = nothing. */
  readonly shop: string
  readonly brand: Hex
  readonly paper: Paper
}

/** What the networks ask for (Open Graph). */
const width = 1200
const height = 630
const margin = 72

/** The picture that stands beside a shared link: the drawing at the right, title and shop at the left. */
export function shareSvg({ title, shop, brand, paper }: ShareWords): string {
  const { light } = paletteOf(brand, paper)
  const column = width - height - 2 * margin
  // A long title gets smaller letters before it is cut.
  const set =
    [76, 60, 48]
      .map((size) => outlineText(title, { size, width: column, mostLines: 6 }))
      .find((text) => text !== undefined && text.height <= 330) ??
    outlineText(title, { size: 48, width: column, mostLines: 6 })
  const name = outlineText(shop, { size: 32, width: column, mostLines: 4 })
  const drawing = coverArt(title, brand, 1).replace(
    '<svg ',
    `<svg x="${width - height}" width="${height}" height="${height}" `,
  )
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<path fill="${light.bg}" d="M0 0h${width}v${height}H0z"/>${drawing}` +
    (set
      ? `<g fill="${light.text}" transform="translate(${margin} ${margin - 8})">${set.paths}</g>`
      : '') +
    (name
      ? `<g fill="${light.muted}" transform="translate(${margin} ${(height - margin - name.height).toFixed(1)})">${name.paths}</g>`
      : '') +
    '</svg>'
  )
}

/** Drawn pictures by their words, the longest unused first. Only a saving: each can be drawn again at any time. */
const drawn = new Map<string, Promise<Buffer>>()
const mostDrawn = 60

/** The same as PNG, 1200 x 630. Drawing takes some 100 ms of a processor, so each is drawn once. */
export function sharePicture(words: ShareWords): Promise<Buffer> {
  const key = JSON.stringify(words)
  const known = drawn.get(key)
  drawn.delete(key)
  const picture =
    known ??
    sharp(Buffer.from(shareSvg(words)))
      .png({ palette: true, colours: 64 })
      .toBuffer()
  drawn.set(key, picture)
  // A failed one must not be remembered; whoever waits for it sees the failure.
  picture.catch(() => drawn.delete(key))
  for (const oldest of drawn.keys()) {
    if (drawn.size <= mostDrawn) break
    drawn.delete(oldest)
  }
  return picture
}
