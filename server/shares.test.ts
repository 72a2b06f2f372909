import { expect, test } from 'vitest'
import { until } from '../test/until.ts'
import { Share, shareOf } from './shares.ts'

const size = { atOnce: 2, waiting: 3, patienceMs: 60_000, crowdedMs: 30_000 }

test('so many work at once, so many wait in order, and whoever comes beyond is sent away at once', async () => {
  const share = new Share('pages', size)
  const came: number[] = []
  const turns = Array.from({ length: 6 }, (_, n) =>
    share.turn().then((isTurn) => isTurn && came.push(n)),
  )
  await turns[5]
  expect([came, share.working, share.waiting, share.shed]).toEqual([[0, 1], 2, 3, 1])
  share.done()
  await turns[2]
  share.done()
  await turns[3]
  share.done()
  await turns[4]
  expect(came).toEqual([0, 1, 2, 3, 4])
  expect([share.working, share.waiting]).toEqual([2, 0])
  share.done()
  share.done()
  expect(share.working).toBe(0)
})

test('a short rush is sat out, but in a crowd that lasts nobody waits for long', async () => {
  const patient = new Share('pages', { ...size, crowdedMs: 0 }, 60_000)
  const crowded = new Share('pages', { ...size, crowdedMs: 0 }, 0)
  for (const share of [patient, crowded]) await Promise.all([share.turn(), share.turn()])
  const waits = patient.turn()
  expect(await crowded.turn()).toBe(false)
  expect([patient.waiting, patient.shed]).toEqual([1, 0])
  expect([crowded.waiting, crowded.shed]).toEqual([0, 1])
  patient.done()
  expect(await waits).toBe(true)
})

test('a queue that moves quickly is no crowd, however long it lasts', async () => {
  const share = new Share('pages', { ...size, atOnce: 1 }, 0)
  await share.turn()
  for (let n = 0; n < 20; n++) {
    const next = share.turn()
    share.done()
    expect(await next).toBe(true)
  }
  expect(share.shed).toBe(0)
})

test('nobody waits beyond the patience of a share', async () => {
  const share = new Share('pages', { ...size, atOnce: 1, patienceMs: 20 })
  await share.turn()
  expect(await share.turn()).toBe(false)
  await until('the queue is empty', () => share.waiting === 0)
})

test.each([
  ['GET', '/', 'pages'],
  ['GET', '/p/a-field-guide', 'pages'],
  ['GET', '/dashboard', 'pages'],
  ['GET', '/cart', 'pages'],
  ['POST', '/sign-in', 'pages'],
  ['POST', '/buy', 'money'],
  ['POST', '/cart', 'money'],
  ['GET', '/checkout/1', 'money'],
  ['GET', '/checkout/1/back', 'money'],
  ['GET', '/admin/orders', 'owner'],
  ['POST', '/admin/products/1/files', 'files'],
  ['GET', '/downloads/1/2', 'files'],
  ['GET', '/images/a.webp', 'files'],
  ['GET', '/_app/immutable/a.js', undefined],
])('%s %s belongs to %s', (method, address, share) => {
  expect(shareOf(method, address)).toBe(share)
})
