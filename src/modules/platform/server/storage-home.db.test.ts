import { mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { provideRuntime } from '#server/runtime.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { db, runtime, storage } from './index.ts'
import { claimStorage, markKey } from './storage-home.ts'

useDatabase()
emptyBeforeEach()

function moveTo(folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-home-'))): string {
  const before = runtime()
  provideRuntime({ ...before, settings: { ...before.settings, storageUrl: `file:${folder}` } })
  return folder
}
const claim = (mayMove = false) => claimStorage(db(), { mayMove })
const aFile = () =>
  sql`insert into stored_file (id, storage_key, file_name, media_type, byte_size, sha256)
      values (gen_random_uuid(), 'images/aa/x', 'x', 'text/plain', 1, repeat('0', 64))`.execute(
    db(),
  )

test('a place is marked once and known again', async () => {
  moveTo()
  expect(await claim()).toEqual({ ok: true, isNew: true })
  await aFile()
  expect(await claim()).toEqual({ ok: true, isNew: false })
})

test('several processes that start at once in a fresh place mark it alike', async () => {
  moveTo()
  const claims = await Promise.all([claim(), claim(), claim()])
  expect(claims.every((one) => one.ok)).toBe(true)
  expect(await claim()).toEqual({ ok: true, isNew: false })
})

test('a second disk of the same shop is refused once the shop has files; its own place is taken again', async () => {
  const first = moveTo()
  await claim()
  moveTo()
  expect(await claim()).toEqual({ ok: true, isNew: true }) // nothing to lose yet
  await aFile()
  moveTo()
  expect(await claim()).toEqual({ ok: false, reason: 'elsewhere' })
  expect(await storage().read(markKey)).toBeUndefined()
  moveTo(first)
  expect(await claim()).toEqual({ ok: true, isNew: false })
  moveTo()
  expect(await claim(true)).toEqual({ ok: true, isNew: true })
})

test('another shop’s place is refused, whatever', async () => {
  moveTo()
  await claim()
  await sql`truncate storage_home`.execute(db()) // another database
  expect(await claim()).toEqual({ ok: false, reason: 'other_shop' })
  expect(await claim(true)).toEqual({ ok: false, reason: 'other_shop' })
})
