/** What an uploaded picture may be. The byte limit is checked while it arrives, the others before it is decoded. */
export const imageLimits = {
  bytes: 15_000_000,
  /** Decoded, a pixel takes four bytes: this is 160 MB. */
  pixels: 40_000_000,
  side: 12_000,
} as const

export const mostPictures = 12

export type ImageProblem =
  | 'empty'
  | 'too_large'
  | 'unknown_type'
  | 'too_many_pixels'
  | 'unreadable'
  | 'busy'

/** What the owner is told about a picture that was not taken. */
export const imageProblemWords: Readonly<Record<ImageProblem, string>> = {
  empty: 'The file is empty.',
  too_large: 'The picture is larger than 15 MB. Save it at a lower quality and try again.',
  unknown_type: 'Pictures can be JPEG, PNG, WebP, AVIF or GIF. This file is none of them.',
  too_many_pixels:
    'The picture has too many pixels: at most 40 megapixels, and 12,000 pixels a side.',
  unreadable: 'The file is damaged: it could not be read as a picture.',
  busy: 'Many pictures are being prepared just now. Try again in a minute.',
}

export type ImageType = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif'

/** The kind of picture by its first bytes (32 are enough), whatever its name says; undefined for everything else. */
export function imageTypeOf(bytes: Uint8Array): ImageType | undefined {
  const text = (start: number, end: number) => String.fromCharCode(...bytes.subarray(start, end))
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg'
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png'
  if (text(0, 6) === 'GIF87a' || text(0, 6) === 'GIF89a') return 'gif'
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp'
  if (text(4, 8) === 'ftyp' && /^avi[fs]$/.test(text(8, 12))) return 'avif'
  return undefined
}

const widths = [320, 640, 960, 1280, 1920]
const largestWidth = 1920

/**
 * The widths a picture is kept in, ascending: never enlarged, the largest being its own width where that is below
 * 1920, and none so near to it that it would save nothing.
 */
export function variantWidths(width: number): number[] {
  const largest = Math.min(width, largestWidth)
  return [...widths.filter((step) => step <= largest * 0.85), largest]
}

/** A JPEG of this width is kept for mail programs and link previews, which do not all read WebP. */
export function previewWidth(width: number): number {
  return Math.min(width, 1200)
}

/** Where a file of a picture is served. The address never means other bytes. */
export function imagePath(fileId: string, format: string): string {
  return `/images/${fileId}.${format === 'jpeg' ? 'jpg' : format}`
}

/** The file id in the last part of such an address; undefined for anything else. */
export function imageFileId(name: string): { id: string; format: 'webp' | 'jpeg' } | undefined {
  const match = /^([0-9a-f-]{36})\.(webp|jpg)$/.exec(name)
  if (!match?.[1]) return undefined
  return { id: match[1], format: match[2] === 'jpg' ? 'jpeg' : 'webp' }
}
