import { expect, test } from 'vitest'
import { until } from '../test/until.ts'
import { Share, shareOf } from './shares.ts'

const size = { atOnce: 2, waiting: 3, patienceMs: 60_000, crowdedMs: 30_000 }

test('so many work at once, so many wait in order, and whoever comes beyond is sent away at once', async () => {
  const share = new Share('pages', size)
  const came: number[] = []
  const ask = (n: number) => share.turn().then((isTurn) => isTurn && came.push(n))
  await Promise.all([ask(0), ask(1)])
  const turns = [undefined, undefined, ask(2), ask(3), ask(4)]
  expect(await ask(5)).toBe(false)
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

const small = { ...size, patienceMs: 1_000, crowdedMs: 40 }

test('a short rush is sat out, but in a crowd that lasts nobody waits for long', async () => {
  let now = 0
  const share = new Share('pages', small, () => now)
  await Promise.all([share.turn(), share.turn()])
  const first = share.turn()
  now = 200
  const second = share.turn()
  share.done()
  expect(await first).toBe(true)
  now = 700
  expect(await second).toBe(false)
  expect([share.waiting, share.shed]).toEqual([0, 1])
})

test('when everything stood still for a moment, whoever waited is served and not sent away', async () => {
  let now = 0
  const share = new Share('pages', small, () => now)
  const waits = [share.turn(), share.turn()]
  now = 900
  expect(await Promise.all(waits)).toEqual([true, true])
  expect(share.shed).toBe(0)
})

test('a queue that moves quickly is no crowd, however long it lasts', async () => {
  let now = 0
  const share = new Share('pages', { ...small, atOnce: 1 }, () => now)
  let before = share.turn()
  for (let n = 0; n < 20; n++) {
    const next = share.turn()
    expect(await before).toBe(true)
    now += 19
    share.done()
    before = next
  }
  expect(share.shed).toBe(0)
})

test('where each takes long, the others may wait longer before they are a crowd', async () => {
  let now = 0
  const share = new Share('pages', { ...small, atOnce: 1 }, () => now)
  await share.turn()
  const turns = [share.turn(), share.turn(), share.turn()]
  for (const turn of turns) {
    now += 100
    share.done()
    expect(await turn).toBe(true)
  }
  expect(share.shed).toBe(0)
})

test('nobody waits beyond the patience of a share', async () => {
  const share = new Share('pages', { ...size, atOnce: 1, patienceMs: 20 })
  await share.turn()
  expect(await share.turn()).toBe(false)
  await until('the queue is empty', () => share.waiting === 0)
})

test('a form with a picture stands in a line of its own', () => {
  expect(shareOf('POST', '/admin/products/1', 2_000_000)).toBe('uploads')
  expect(shareOf('POST', '/admin/products/1', 2_000)).toBe('owner')
  expect(shareOf('POST', '/admin/products/1/files', 2_000_000)).toBe('files')
})

test.each([
  ['GET', '/', 'pages'],
  ['GET', '/p/a-field-guide', 'pages'],
  ['GET', '/dashboard', 'pages'],
  ['GET', '/cart', 'pages'],
  ['POST', '/sign-in', 'forms'],
  ['POST', '/buy', 'money'],
  ['POST', '/cart', 'money'],
  ['POST', '/subscribe', 'money'],
  ['POST', '/dashboard/membership', 'money'],
  ['GET', '/dashboard/membership', 'pages'],
  ['GET', '/dashboard/membership/begun/1', 'money'],
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
