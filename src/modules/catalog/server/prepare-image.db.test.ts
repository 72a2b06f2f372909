import { crc32, deflateSync } from 'node:zlib'
import { Readable } from 'node:stream'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { useDatabase } from '../../../../test/database.ts'
import { storage } from '#modules/platform/server/index.ts'
import { discardImage, prepareImage } from './prepare-image.ts'

useDatabase()

const prepare = (bytes: Uint8Array) => prepareImage(Readable.from([bytes]))

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#b4472e' } })

async function prepared(bytes: Uint8Array) {
  const result = await prepare(bytes)
  if (!result.ok) throw new Error(`not taken: ${result.reason}`)
  return result.image
}

async function stored(key: string): Promise<Buffer> {
  const file = await storage().read(key)
  if (!file) throw new Error(`${key} is not stored`)
  return Buffer.concat(await file.stream.toArray())
}

/** A PNG as it may be forged: whatever its header claims, with this little data. */
function forgedPng(width: number, height: number, data: Uint8Array): Buffer {
  const chunk = (type: string, body: Uint8Array) => {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), body])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length)
    const checksum = Buffer.alloc(4)
    checksum.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, checksum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

describe('an honest picture', () => {
  test('is kept in every width up to its own, with one JPEG and a small stand-in', async () => {
    const image = await prepared(await picture(1500, 1000).png().toBuffer())
    expect(image).toMatchObject({ width: 1500, height: 1000 })
    expect(image.variants.map(({ width, format }) => `${width} ${format}`)).toEqual([
      '320 webp',
      '640 webp',
      '960 webp',
      '1500 webp',
      '1200 jpeg',
    ])
    expect(image.blur).toMatch(/^data:image\/webp;base64,/)
    expect(image.blur.length).toBeLessThan(1000)
    for (const { width, format, file } of image.variants) {
      const bytes = await stored(file.key)
      expect(bytes.length).toBe(file.byteSize)
      expect(await sharp(bytes).metadata()).toMatchObject({ width, format })
    }
  })

  test.each(['jpeg', 'png', 'webp', 'avif', 'gif'] as const)('may be %s', async (format) => {
    const image = await prepared(await picture(40, 30).toFormat(format).toBuffer())
    expect(image).toMatchObject({ width: 40, height: 30 })
  })

  test('is turned upright and loses its metadata', async () => {
    const upload = await picture(60, 40)
      .withExif({ IFD0: { Artist: 'Somebody' }, IFD3: { GPSLatitude: '52/1 31/1 0/1' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    expect((await sharp(upload).metadata()).exif).toBeDefined()
    const image = await prepared(upload)
    expect(image).toMatchObject({ width: 40, height: 60 })
    for (const { file } of image.variants) {
      const { exif, xmp, icc, orientation } = await sharp(await stored(file.key)).metadata()
      expect({ exif, xmp, icc, orientation }).toEqual({})
    }
  })

  test('that moves gives its first frame', async () => {
    const frames = await sharp(
      Buffer.concat([Buffer.alloc(20 * 10 * 3, 0xff), Buffer.alloc(20 * 10 * 3, 0)]),
      { raw: { width: 20, height: 20, channels: 3, pageHeight: 10 } },
    )
      .gif({ delay: [100, 100] })
      .toBuffer()
    const image = await prepared(frames)
    expect(image).toMatchObject({ width: 20, height: 10 })
    const first = await sharp(await stored(image.variants[0]?.file.key ?? '')).stats()
    expect(first.channels[0]?.mean).toBeGreaterThan(250)
  })

  test('that finds no place is removed again', async () => {
    const image = await prepared(await picture(10, 10).png().toBuffer())
    await discardImage(image)
    for (const { file } of image.variants) expect(await storage().read(file.key)).toBeUndefined()
  })
})

describe('a file that is not taken', () => {
  test.each([
    ['an empty file', Buffer.alloc(0), 'empty'],
    [
      'an SVG',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
      'unknown_type',
    ],
    ['a page', Buffer.from('<!doctype html><script>alert(1)</script>'), 'unknown_type'],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'unknown_type'],
    [
      'a few bytes that begin like a JPEG',
      Buffer.from('\xff\xd8\xff\xe0JFIF', 'latin1'),
      'unreadable',
    ],
    [
      'a PNG that claims 60,000 x 60,000',
      forgedPng(60_000, 60_000, deflateSync(Buffer.alloc(4))),
      'too_many_pixels',
    ],
    [
      'a PNG that claims 12,001 x 1',
      forgedPng(12_001, 1, deflateSync(Buffer.alloc(4))),
      'too_many_pixels',
    ],
    [
      'a PNG of 49 megapixels that packs to nothing',
      forgedPng(7_000, 7_000, deflateSync(Buffer.alloc(7_000 * 21_001))),
      'too_many_pixels',
    ],
    [
      'a PNG that claims more than it holds',
      forgedPng(5_000, 5_000, deflateSync(Buffer.alloc(4))),
      'unreadable',
    ],
    ['a PNG with broken data', forgedPng(20, 20, Buffer.from('not packed')), 'unreadable'],
    ['a PNG without size', forgedPng(0, 0, deflateSync(Buffer.alloc(4))), 'unreadable'],
    ['more than 15 MB', Buffer.alloc(15_000_001, 0xff), 'too_large'],
  ])('%s: %s', async (_, bytes, reason) => {
    const before = (await storage().list('images', 1000)).length
    expect(await prepare(bytes)).toEqual({ ok: false, reason })
    expect((await storage().list('images', 1000)).length).toBe(before)
  })

  test('an upload that breaks off is an error, not a picture', async () => {
    const broken = (async function* () {
      yield Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
      throw new Error('the line is gone')
    })()
    await expect(prepareImage(broken)).rejects.toThrow('the line is gone')
  })
})
