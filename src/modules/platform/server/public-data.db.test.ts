import { sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import { useDatabase } from '../../../../test/database.ts'
import { until } from '../../../../test/until.ts'
import { listen } from './database.ts'
import {
  changingPublicData,
  db,
  doubtPublicVersion,
  inTransaction,
  publicData,
  publicVersion,
  watchPublicVersion,
} from './index.ts'

useDatabase()

let listening: ReturnType<typeof listen> | undefined
async function listenForChanges() {
  listening = listen({ public_version: doubtPublicVersion }, watchPublicVersion)
  await until('the number is known', () => publicVersion() !== undefined)
}
afterEach(async () => {
  await listening?.close()
  listening = undefined
  watchPublicVersion(false)
})

let reads = 0
const readTitle = async () => {
  reads++
  const row = await db().selectFrom('site_page').select('title').executeTakeFirst()
  return row?.title
}
const retitle = (title: string) =>
  inTransaction((tx) =>
    sql`insert into site_page (slug, title) values ('terms', ${title}) on conflict (slug) do update set title = excluded.title`.execute(
      tx,
    ),
  )

test('what a public page reads is read once, and anew after every change of what public pages show', async () => {
  await retitle('Terms')
  await listenForChanges()
  reads = 0
  await Promise.all([publicData('t', readTitle), publicData('t', readTitle)])
  expect(await publicData('t', readTitle)).toBe('Terms')
  expect(reads).toBe(1)
  const before = publicVersion() ?? 0
  await retitle('Terms of sale')
  await until('the change is heard of', () => (publicVersion() ?? before) > before)
  expect(await publicData('t', readTitle)).toBe('Terms of sale')
  expect(reads).toBe(2)
})

test('nothing is remembered while nobody listens for changes', async () => {
  await listenForChanges()
  watchPublicVersion(false)
  reads = 0
  await publicData('t', readTitle)
  await publicData('t', readTitle)
  expect(publicVersion()).toBeUndefined()
  expect(reads).toBe(2)
})

test('whoever changes something reads afresh meanwhile, and sees it at once afterwards', async () => {
  await retitle('Old')
  await listenForChanges()
  await publicData('t', readTitle)
  const seen = await changingPublicData(async () => {
    await retitle('New')
    return publicData('t', readTitle)
  })
  expect(seen).toBe('New')
  expect(await publicData('t', readTitle)).toBe('New')
})

test('a reading that failed is not remembered', async () => {
  await listenForChanges()
  const fail = () => Promise.reject(new Error('away'))
  await expect(publicData('f', fail)).rejects.toThrow('away')
  expect(await publicData('f', async () => 'there')).toBe('there')
})

test('only so many readings are remembered, the longest unused are read again', async () => {
  await listenForChanges()
  reads = 0
  await publicData('first', readTitle)
  for (let index = 0; index < 200; index++) await publicData(`other ${index}`, async () => index)
  await publicData('first', readTitle)
  expect(reads).toBe(2)
})
