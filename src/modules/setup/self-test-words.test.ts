import { expect, test } from 'vitest'
import {
  addressLine,
  backupLine,
  clockLine,
  databaseLine,
  diskLine,
  inOrder,
  mailLine,
  storageLine,
  webhookLine,
  workLine,
} from './self-test-words.ts'

const now = new Date('2030-05-05T12:00:00Z')
const told = { now, words: { zone: 'UTC', locale: 'en' } }
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000)

const webhook = {
  mode: 'live',
  isPollingOnly: false,
  lastWebhookAt: ago(3),
  lastMissedAt: undefined,
  missed: 0,
  lastRefusedAt: undefined,
  polledAt: ago(1),
  lastError: undefined,
} as const

test.each([
  [{}, 'good', 'Stripe’s events arrive'],
  [{ lastWebhookAt: undefined }, 'quiet', 'No event has come yet'],
  [{ isPollingOnly: true }, 'warn', 'No webhook: the shop asks Stripe by itself'],
  [{ lastMissedAt: ago(30), missed: 2 }, 'bad', 'The webhook is not arriving'],
  [{ lastRefusedAt: ago(2) }, 'bad', 'The webhook secret does not fit'],
  // Somebody knocked with a wrong signature, and Stripe's own events came after it.
  [{ lastRefusedAt: ago(20) }, 'good', 'Stripe’s events arrive'],
  [{ lastError: 'Expired API key' }, 'bad', 'Stripe could not be asked'],
] as const)('of Stripe, %j is told as %s: %s (M39) [commerce 13]', (facts, tone, title) => {
  expect(webhookLine({ ...webhook, ...facts }, told)).toMatchObject({ tone, title })
})

const address = {
  origin: 'https://shop.example',
  host: 'shop.example',
  forwardedHost: undefined,
  forwardedProto: 'https',
  hops: 1,
  trustedProxies: 1,
}

test.each([
  [{}, 'good', 'The public address is right'],
  [{ host: '127.0.0.1:3000' }, 'bad', 'This page was asked for at another address'],
  [
    { host: '127.0.0.1:3000', forwardedHost: 'shop.example' },
    'good',
    'The public address is right',
  ],
  [{ forwardedProto: 'http' }, 'bad', 'The proxy speaks another protocol than ORIGIN says'],
  [{ trustedProxies: 0 }, 'warn', 'The proxies in front are not known'],
  [
    { origin: 'http://shop.example', forwardedProto: undefined },
    'bad',
    'The shop is not served with https',
  ],
  [
    { origin: 'http://localhost:3000', host: 'localhost:3000', hops: 0, forwardedProto: undefined },
    'quiet',
    'Only this machine sees the shop',
  ],
] as const)('of the address, %j is told as %s: %s (M39) [commerce 13]', (facts, tone, title) => {
  expect(addressLine({ ...address, ...facts })).toMatchObject({ tone, title })
})

const mail = {
  isRehearsal: false,
  hasServer: true,
  failed: 0,
  waitingLong: 0,
  lastError: undefined,
  lastSentAt: ago(5),
}

test.each([
  [{}, 'good'],
  [{ hasServer: false }, 'bad'],
  [{ failed: 1, lastError: '550 no such user' }, 'warn'],
  [{ waitingLong: 2 }, 'bad'],
  [{ isRehearsal: true, hasServer: false }, 'quiet'],
] as const)('of mail, %j is %s [commerce 13]', (facts, tone) => {
  expect(mailLine({ ...mail, ...facts }, told)).toMatchObject({ tone })
})

test('a store of files that does not work says why', () => {
  expect(storageLine({ ok: true }, '/srv/files')).toMatchObject({ tone: 'good' })
  expect(storageLine({ ok: false, words: 'No room.' }, '/srv/files')).toMatchObject({
    tone: 'bad',
    words: 'No room.',
  })
})

test.each([
  [{ fromStripe: 2, fromDatabase: 0 }, 'good'],
  [{ fromStripe: 31, fromDatabase: 0 }, 'bad'],
  [{ fromStripe: undefined, fromDatabase: -40 }, 'bad'],
  [{ fromStripe: undefined, fromDatabase: 1 }, 'quiet'],
] as const)('clocks that are %j apart are %s [commerce 13]', (facts, tone) => {
  expect(clockLine({ ...facts, isMoved: false }).tone).toBe(tone)
})

const backup = {
  lastGoodAt: ago(60),
  place: '/srv/backups',
  bytes: 4_000_000,
  lastError: undefined,
}

test.each([
  [{}, 'good', 'There is a fresh backup'],
  [{ lastGoodAt: ago(25 * 60) }, 'good', 'There is a fresh backup'],
  [{ lastGoodAt: ago(27 * 60) }, 'warn', 'The backup is old'],
  [{ lastGoodAt: ago(8 * 24 * 60) }, 'bad', 'The backup is old'],
  [{ lastGoodAt: undefined }, 'bad', 'There is no backup'],
] as const)('of the backup, %j is told as %s: %s (M39) [commerce 13]', (facts, tone, title) => {
  expect(backupLine({ ...backup, ...facts }, told)).toMatchObject({ tone, title })
})

test('a database that does not wait for the disk is told in plain words', () => {
  expect(databaseLine({ kind: 'embedded', version: '17.5', switchedOff: [] })).toMatchObject({
    tone: 'good',
    title: 'What is committed survives a power cut',
  })
  expect(databaseLine({ kind: 'server', version: '17.5', switchedOff: ['fsync'] })).toMatchObject({
    tone: 'bad',
    title: 'A power cut could lose sales',
  })
})

test.each([
  [400_000_000, 'bad'],
  [1_500_000_000, 'warn'],
  [50_000_000_000, 'good'],
] as const)('%d free bytes are %s', (freeBytes, tone) => {
  expect(diskLine({ freeBytes, allBytes: 100_000_000_000 }).tone).toBe(tone)
})

const work = {
  parkedEvents: 0,
  failedJobs: 0,
  oldestPendingAt: undefined,
  paidWithoutOrder: 0,
  odd: 0,
}

test.each([
  [{}, 'good'],
  [{ oldestPendingAt: ago(1) }, 'good'],
  [{ oldestPendingAt: ago(9) }, 'warn'],
  [{ parkedEvents: 1 }, 'bad'],
  [{ paidWithoutOrder: 1 }, 'bad'],
] as const)('of work, %j is %s [commerce 13]', (facts, tone) => {
  expect(workLine({ ...work, ...facts }, told)).toMatchObject({ tone })
})

test('what needs somebody stands first', () => {
  const tones = (['good', 'quiet', 'bad', 'warn'] as const).map((tone) => ({ tone }))
  expect(inOrder(tones).map((line) => line.tone)).toEqual(['bad', 'warn', 'quiet', 'good'])
})
