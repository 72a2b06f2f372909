import sharp from 'sharp'
import { crc32, deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { actorIn, signUp } from '../../../../test/people.ts'
import {
  db,
  discardBytes,
  inTransaction,
  storage,
  sweepOrphanFiles,
} from '#modules/platform/server/index.ts'
import type { MemberActor } from '../types.ts'
import { avatarFile, avatarFolder, changeAvatar, discardAvatar, storeAvatar } from './index.ts'

useDatabase()
emptyBeforeEach()

const photo = () =>
  sharp({ create: { width: 900, height: 600, channels: 3, background: '#b4472e' } })

async function show(actor: MemberActor, upload: Uint8Array): Promise<void> {
  const stored = await storeAvatar(upload)
  if (!stored.ok) throw new Error(stored.reason)
  await discardBytes(await inTransaction((tx) => changeAvatar(tx, actor, stored.avatar)))
}

async function bytesOf(key: string): Promise<Buffer> {
  const found = await storage().read(key)
  if (!found) throw new Error(`Nothing is stored under ${key}.`)
  return Buffer.concat(await found.stream.toArray())
}

const keysStored = async () => (await storage().list(avatarFolder, 1_000)).map((file) => file.key)
const emptied = async () => discardBytes(await keysStored())
const idOf = (actor: MemberActor) => actor.avatarUrl?.slice('/avatars/'.length) ?? ''

test('a picture is kept as two square WebP files without anything the camera wrote', async () => {
  await emptied()
  const { actor, browser } = await signUp('anna@example.com')
  const upload = await photo()
    .withExif({ IFD0: { Copyright: 'a secret place' }, IFD3: { GPSLatitude: '52/1 30/1 0/1' } })
    .jpeg()
    .toBuffer()
  expect(upload.includes('a secret place')).toBe(true)
  await show(actor, upload)

  const now = await actorIn(browser)
  expect(now.avatarUrl).toMatch(/^\/avatars\/[0-9a-f-]{36}$/)
  for (const [size, side] of [
    ['large', 256],
    ['small', 64],
  ] as const) {
    const file = await avatarFile(db(), idOf(now), size)
    const bytes = await bytesOf(file?.key ?? '')
    expect(bytes.byteLength).toBe(file?.byteSize)
    expect(bytes.includes('secret')).toBe(false)
    const read = await sharp(bytes).metadata()
    expect(read).toMatchObject({ format: 'webp', width: side, height: side })
    expect(read.exif).toBeUndefined()
  }
})

test('a picture that was taken sideways stands upright', async () => {
  const top = { create: { width: 400, height: 200, channels: 3, background: '#0000ff' } } as const
  const upload = await sharp({
    create: { width: 400, height: 400, channels: 3, background: '#ff0000' },
  })
    .composite([{ input: top, top: 0, left: 0 }])
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer()
  const stored = await storeAvatar(upload)
  if (!stored.ok) throw new Error(stored.reason)
  const pixels = await sharp(await bytesOf(stored.avatar.large.key))
    .removeAlpha()
    .raw()
    .toBuffer()
  // Orientation 6: turned a quarter clockwise, so what was above is now at the right.
  const at = (x: number, y: number) => [
    ...pixels.subarray((y * 256 + x) * 3, (y * 256 + x) * 3 + 3),
  ]
  expect(at(230, 128)[2]).toBeGreaterThan(200)
  expect(at(20, 128)[0]).toBeGreaterThan(200)
})

test.each(['png', 'webp', 'gif', 'avif'] as const)('a %s is taken, too', async (format) => {
  const upload = await photo().resize(120, 90).toFormat(format).toBuffer()
  expect(await storeAvatar(upload)).toMatchObject({ ok: true })
})

test('a new picture replaces the old one, whose files and rows go', async () => {
  await emptied()
  const { actor, browser } = await signUp('anna@example.com')
  await show(actor, await photo().jpeg().toBuffer())
  const first = idOf(await actorIn(browser))
  await show(actor, await photo().png().toBuffer())
  const second = idOf(await actorIn(browser))
  expect(second).not.toBe(first)
  expect(await avatarFile(db(), first, 'large')).toBeUndefined()
  expect(await keysStored()).toHaveLength(2)
  expect(await db().selectFrom('stored_file').select('id').execute()).toHaveLength(2)

  await discardBytes(await inTransaction((tx) => changeAvatar(tx, actor, undefined)))
  expect((await actorIn(browser)).avatarUrl).toBeUndefined()
  expect(await keysStored()).toEqual([])
  expect(await db().selectFrom('stored_file').select('id').execute()).toEqual([])
})

test('M25: a crash before the commit leaves the old picture whole; one after it leaves bytes to the sweep', async () => {
  await emptied()
  const { actor, browser } = await signUp('anna@example.com')
  await show(actor, await photo().jpeg().toBuffer())
  const shown = await actorIn(browser)
  const stored = await storeAvatar(await photo().png().toBuffer())
  if (!stored.ok) throw new Error(stored.reason)
  const crash = inTransaction(async (tx) => {
    await changeAvatar(tx, actor, stored.avatar)
    throw new Error('power cut')
  })
  await expect(crash).rejects.toThrow('power cut')
  expect(await actorIn(browser)).toEqual(shown)
  const file = await avatarFile(db(), idOf(shown), 'large')
  expect((await bytesOf(file?.key ?? '')).byteLength).toBeGreaterThan(0)

  // Committed, but the old bytes were never removed: the new picture is whole, the old bytes have no row.
  await inTransaction((tx) => changeAvatar(tx, actor, stored.avatar))
  const after = await avatarFile(db(), idOf(await actorIn(browser)), 'large')
  expect((await bytesOf(after?.key ?? '')).byteLength).toBeGreaterThan(0)
  expect(await keysStored()).toHaveLength(4)
  // They are younger than a day: the sweep leaves them for now, and never touches what is shown.
  await sweepOrphanFiles(db(), [avatarFolder])
  expect(await keysStored()).toHaveLength(4)
})

test('two pictures at once: one is shown, and it is whole', async () => {
  const { actor, browser } = await signUp('anna@example.com')
  const one = await storeAvatar(await photo().jpeg().toBuffer())
  const two = await storeAvatar(await photo().png().toBuffer())
  if (!one.ok || !two.ok) throw new Error('Both are pictures.')
  const old = await Promise.all(
    [one.avatar, two.avatar].map((avatar) =>
      inTransaction((tx) => changeAvatar(tx, actor, avatar)),
    ),
  )
  for (const keys of old) await discardBytes(keys)
  const file = await avatarFile(db(), idOf(await actorIn(browser)), 'small')
  expect((await bytesOf(file?.key ?? '')).byteLength).toBeGreaterThan(0)
  expect(await db().selectFrom('avatar').select('id').execute()).toHaveLength(1)
})

test('bytes of a picture that is not wanted after all are removed', async () => {
  await emptied()
  const stored = await storeAvatar(await photo().jpeg().toBuffer())
  if (!stored.ok) throw new Error(stored.reason)
  await discardAvatar(stored.avatar)
  expect(await keysStored()).toEqual([])
})

test('what is no honest picture is refused by name, and nothing is stored', async () => {
  await emptied()
  const jpeg = await photo().jpeg().toBuffer()
  const uploads: readonly (readonly [string, Uint8Array])[] = [
    ['empty', new Uint8Array()],
    ['too_large', Buffer.concat([jpeg, Buffer.alloc(5_000_000)])],
    ['not_a_picture', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')],
    ['not_a_picture', Buffer.from('%PDF-1.7 not a picture')],
    ['not_a_picture', Buffer.from('plain text called me.jpg')],
    ['unreadable', jpeg.subarray(0, 400)],
    ['unreadable', Buffer.concat([jpeg.subarray(0, 3), Buffer.from('no jpeg at all')])],
    ['too_many_pixels', pngThatClaims(60_000, 60_000)],
    ['too_many_pixels', pngThatClaims(13_000, 10)],
    ['unreadable', pngThatClaims(6_000, 6_000)],
  ]
  for (const [reason, upload] of uploads)
    expect(await storeAvatar(upload), reason).toEqual({ ok: false, reason })
  expect(await keysStored()).toEqual([])
})

test('ids that are none are no picture', async () => {
  for (const id of ['', 'x', '../secret', '00000000-0000-7000-8000-000000000000'])
    expect(await avatarFile(db(), id, 'large')).toBeUndefined()
})

/** A PNG of a few bytes whose header claims these many pixels. */
function pngThatClaims(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(100))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}
