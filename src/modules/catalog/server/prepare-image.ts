import { Readable } from 'node:stream'
import sharp, { type Sharp } from 'sharp'
import { newId } from '#modules/platform/ids.ts'
import { discardBytes, storeBytes, type StoredBytes } from '#modules/platform/server/index.ts'
import {
  imageLimits,
  imageTypeOf,
  previewWidth,
  variantWidths,
  type ImageProblem,
} from '../image-rules.ts'
import { inWorkshop, WorkshopFullError } from './image-workshop.ts'
import type { PreparedImage } from './store.images.ts'

/** First part of the storage keys of pictures. */
export const imageFolder = 'images'

/** No honest picture takes longer to decode or encode. */
const secondsPerStep = 20

export type PrepareImageResult =
  | { readonly ok: true; readonly image: PreparedImage }
  | { readonly ok: false; readonly reason: ImageProblem }

/**
 * Turns an uploaded picture into the files that are served: told by its content, checked against the limits before
 * it is decoded, turned upright, stripped of everything but its pixels (in sRGB), as WebP in several widths and one
 * JPEG for mail. Of a moving picture the first frame. The files are stored when this returns; hand the result to
 * addPicture, or to discardImage. At most two are prepared at once in a process.
 */
export async function prepareImage(source: AsyncIterable<Uint8Array>): Promise<PrepareImageResult> {
  try {
    return await inWorkshop(async () => {
      const upload = await readLimited(source, imageLimits.bytes)
      if (!upload) return { ok: false, reason: 'too_large' }
      if (upload.length === 0) return { ok: false, reason: 'empty' }
      const problem = await problemOf(upload)
      if (problem) return { ok: false, reason: problem }
      const pictures = await encode(upload).catch((error: unknown) => {
        // sharp reports every damage of the file, and a step that takes too long, as a plain Error.
        if (error instanceof Error && error.constructor === Error) return undefined
        throw error
      })
      if (!pictures) return { ok: false, reason: 'unreadable' }
      return { ok: true, image: await storePictures(pictures) }
    })
  } catch (error) {
    if (error instanceof WorkshopFullError) return { ok: false, reason: 'busy' }
    throw error
  }
}

/** Removes the files of a prepared image that found no place. */
export async function discardImage(image: PreparedImage): Promise<void> {
  await discardBytes(image.variants.map((variant) => variant.file.key))
}

async function readLimited(
  source: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    size += chunk.byteLength
    if (size > limitBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Opens a picture for reading: first frame only, never more pixels than allowed, stopping at the first damage. */
function open(upload: Buffer): Sharp {
  return sharp(upload, {
    pages: 1,
    limitInputPixels: imageLimits.pixels,
    limitInputChannels: 5,
    failOn: 'error',
    sequentialRead: true,
  }).timeout({ seconds: secondsPerStep })
}

async function problemOf(upload: Buffer): Promise<ImageProblem | undefined> {
  const type = imageTypeOf(upload)
  if (!type) return 'unknown_type'
  // Only the header is read here. The pixel limit is ours, so that a bomb gets its own words.
  const header = await sharp(upload, { pages: 1, limitInputPixels: false })
    .metadata()
    .catch(() => undefined)
  if (!header) return 'unreadable'
  const sameType = header.format === type || (header.format === 'heif' && type === 'avif')
  if (!sameType || (type === 'avif' && header.compression !== 'av1')) return 'unknown_type'
  const { width, height } = header
  if (width > imageLimits.side || height > imageLimits.side || width * height > imageLimits.pixels)
    return 'too_many_pixels'
  return undefined
}

interface Pictures {
  readonly width: number
  readonly height: number
  readonly blur: string
  readonly variants: readonly {
    readonly width: number
    readonly format: 'webp' | 'jpeg'
    readonly bytes: Buffer
  }[]
}

async function encode(upload: Buffer): Promise<Pictures> {
  // Decoded once, at the largest width that is kept; the smaller ones come from that.
  const upright = await open(upload)
    .autoOrient()
    .toColourspace('srgb')
    .resize({ width: 1920, withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = upright.info
  const pixels = () =>
    sharp(upright.data, { raw: { width, height, channels } }).timeout({ seconds: secondsPerStep })
  const variants: { width: number; format: 'webp' | 'jpeg'; bytes: Buffer }[] = []
  for (const step of variantWidths(width)) {
    const bytes = await pixels().resize({ width: step }).webp({ quality: 80 }).toBuffer()
    variants.push({ width: step, format: 'webp', bytes })
  }
  const preview = previewWidth(width)
  variants.push({
    width: preview,
    format: 'jpeg',
    bytes: await pixels()
      .resize({ width: preview })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: 82, progressive: true })
      .toBuffer(),
  })
  const blurred = await pixels()
    .resize({ width: 16, height: 16, fit: 'inside' })
    .webp({ quality: 40 })
    .toBuffer()
  return { width, height, blur: `data:image/webp;base64,${blurred.toString('base64')}`, variants }
}

async function storePictures(pictures: Pictures): Promise<PreparedImage> {
  const variants: { width: number; format: 'webp' | 'jpeg'; file: StoredBytes }[] = []
  try {
    for (const { width, format, bytes } of pictures.variants) {
      const extension = format === 'jpeg' ? '.jpg' : '.webp'
      const file = await storeBytes({
        folder: imageFolder,
        extension,
        fileName: `${width}${extension}`,
        mediaType: `image/${format}`,
        source: Readable.from([bytes]),
        limitBytes: imageLimits.bytes * 4,
      })
      variants.push({ width, format, file })
    }
  } catch (error) {
    await discardBytes(variants.map((variant) => variant.file.key))
    throw error
  }
  const { width, height, blur } = pictures
  return { id: newId(), width, height, blur, variants }
}
