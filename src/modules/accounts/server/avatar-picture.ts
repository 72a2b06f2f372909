import sharp from 'sharp'
import { avatarSizes, pictureLimits, pictureType, type PictureProblem } from '../picture-rules.ts'

export type AvatarPicture =
  | { readonly ok: true; readonly large: Buffer; readonly small: Buffer }
  | { readonly ok: false; readonly reason: PictureProblem }

/** Decoding 40 megapixels takes some 200 MB: never more than two at once in a process. */
const mostAtOnce = 2
let underWay = 0

/**
 * Makes the two square WebP pictures from an upload: upright, of the first frame, with nothing left of what
 * the camera wrote into the file. Refuses by bytes, by content, then by the pixels its header claims, before
 * anything is decoded.
 */
export async function drawAvatar(upload: Uint8Array): Promise<AvatarPicture> {
  if (upload.byteLength === 0) return { ok: false, reason: 'empty' }
  if (upload.byteLength > pictureLimits.bytes) return { ok: false, reason: 'too_large' }
  const type = pictureType(upload)
  if (!type) return { ok: false, reason: 'not_a_picture' }
  if (underWay >= mostAtOnce) return { ok: false, reason: 'busy' }
  underWay++
  try {
    const problem = await headerProblem(upload, type)
    if (problem) return { ok: false, reason: problem }
    const large = await square(upload, avatarSizes.large)
    const small = await square(large, avatarSizes.small)
    return { ok: true, large, small }
  } catch (error) {
    // sharp reports every damage in a file as a plain Error; anything else is ours.
    if (!(error instanceof Error) || error.constructor !== Error) throw error
    return { ok: false, reason: 'unreadable' }
  } finally {
    underWay--
  }
}

async function headerProblem(
  upload: Uint8Array,
  type: string,
): Promise<PictureProblem | undefined> {
  // The pixel limit is asked for below, so that too many get words of their own.
  const header = await sharp(upload, { pages: 1, limitInputPixels: false }).metadata()
  if (header.format !== type) return 'not_a_picture'
  const { width, height } = header
  const { side, pixels } = pictureLimits
  return width > side || height > side || width * height > pixels ? 'too_many_pixels' : undefined
}

async function square(picture: Uint8Array, side: number): Promise<Buffer> {
  return sharp(picture, { pages: 1, limitInputPixels: pictureLimits.pixels, failOn: 'error' })
    .timeout({ seconds: 20 })
    .autoOrient()
    .toColourspace('srgb')
    .resize(side, side, { fit: 'cover', position: 'attention' })
    .webp({ quality: 82 })
    .toBuffer()
}
