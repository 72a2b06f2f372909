import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { provideRuntime } from '#server/runtime.ts'
import { useDatabase } from '../../../../test/database.ts'
import { db, formerAsset, forgetFormerAssets, keepAssets, runtime, storage } from './index.ts'

useDatabase()

const before = () => runtime()
let usual: ReturnType<typeof before> | undefined
afterEach(() => {
  if (usual) provideRuntime(usual)
  usual = undefined
  forgetFormerAssets()
})

/** The program as it was built with these files. */
function builtWith(files: Readonly<Record<string, string>>, storageFolder: string): void {
  usual ??= runtime()
  const assetsFolder = mkdtempSync(path.join(os.tmpdir(), 'sundry-assets-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(assetsFolder, name)), { recursive: true })
    writeFileSync(path.join(assetsFolder, name), text)
  }
  provideRuntime({
    ...usual,
    assetsFolder,
    settings: { ...usual.settings, storageUrl: `file:${storageFolder}` },
  })
  forgetFormerAssets()
}

const newStorage = () => mkdtempSync(path.join(os.tmpdir(), 'sundry-files-'))
const textOf = async (name: string) => (await formerAsset(`/_app/immutable/${name}`))?.toString()

test('M31: scripts of the build before stay for old tabs, and an old process hands out those of a newer one', async () => {
  const place = newStorage()
  builtWith({ 'chunks/one-aaaa.js': 'old()', 'chunks/one-aaaa.js.br': 'packed' }, place)
  await keepAssets(db())
  expect(await textOf('chunks/two-bbbb.js')).toBeUndefined()

  builtWith({ 'chunks/two-bbbb.js': 'fresh()', 'assets/look.css': 'body{}' }, place)
  await keepAssets(db())
  expect(await textOf('chunks/one-aaaa.js')).toBe('old()')
  expect(await textOf('chunks/one-aaaa.js.br')).toBeUndefined()
  expect(await textOf('../../../secret')).toBeUndefined()

  builtWith({ 'chunks/one-aaaa.js': 'old()' }, place)
  expect(await textOf('chunks/two-bbbb.js')).toBe('fresh()')
  expect(await textOf('assets/look.css')).toBe('body{}')
})

test('M31: a build that was replaced is kept for a day at least, and not for ever', async () => {
  const place = newStorage()
  const keys = async () => (await storage().list('assets', 10)).map(({ key }) => key)
  const age = (key: string, hours: number) => {
    const at = Date.now() / 1000 - hours * 3600
    utimesSync(path.join(place, key), at, at)
  }
  builtWith({ 'old.js': 'old()' }, place)
  await keepAssets(db())
  const [old = ''] = await keys()
  // It served for months: its copy was made young again all the time.
  age(old, 13)
  await keepAssets(db())
  builtWith({ 'fresh.js': 'fresh()' }, place)
  age(old, 47)
  await keepAssets(db())
  expect(await keys()).toHaveLength(2)
  age(old, 49)
  await keepAssets(db())
  expect(await keys()).toHaveLength(1)
  expect(await textOf('fresh.js')).toBe('fresh()')
  expect(await textOf('old.js')).toBeUndefined()
})
