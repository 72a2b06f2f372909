/** What an uploaded picture of oneself may be; bytes are counted first, pixels before anything is decoded. */
export const pictureLimits = { bytes: 5_000_000, pixels: 40_000_000, side: 12_000 } as const

/** The two sizes a picture is kept in: square, in pixels. */
export const avatarSizes = { large: 256, small: 64 } as const

export type PictureProblem =
  | 'empty'
  | 'too_large'
  | 'not_a_picture'
  | 'too_many_pixels'
  | 'unreadable'
  | 'busy'
  | 'store_down'

export const pictureProblemWords: Readonly<Record<PictureProblem, string>> = {
  empty: 'Please choose a picture first.',
  too_large: 'This picture is larger than 5 MB. Please choose a smaller one.',
  not_a_picture: 'This file is not a picture we can read. JPEG, PNG, WebP, AVIF and GIF work.',
  too_many_pixels:
    'This picture has too many pixels: at most 40 megapixels and 12,000 pixels a side.',
  unreadable: 'This picture is damaged and cannot be read. Please choose another.',
  busy: 'Many pictures are being prepared just now. Please try again in a minute.',
  store_down:
    'The place where pictures are kept does not answer. Nothing was changed; please try again in a few minutes.',
}

/**
 * The kind of picture by its first bytes, whatever its name says; undefined for everything else. Nothing
 * else ever reaches the decoder: no SVG, which can refer to other files, and no PDF.
 */
export function pictureType(
  bytes: Uint8Array,
): 'jpeg' | 'png' | 'gif' | 'webp' | 'heif' | undefined {
  const text = (start: number, end: number) => String.fromCharCode(...bytes.subarray(start, end))
  if (text(0, 3) === '\xff\xd8\xff') return 'jpeg'
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png'
  if (/^GIF8[79]a$/.test(text(0, 6))) return 'gif'
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp'
  return /^ftypavi[fs]$/.test(text(4, 12)) ? 'heif' : undefined
}
