import { closeSync, openSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { kill } from 'node:process'
import { afterAll, expect, test } from 'vitest'
import { until } from '../until.ts'
import { ShopProcess } from './shop.ts'

// The shop with the database it brings along.

const shop = new ShopProcess()
afterAll(() => shop.stop())

test('M06: its database restarts at once, again and again, under load: whoever comes back when told to is served, nothing is lost', async () => {
  await shop.start()
  const shopPid = shop.pid
  const product = await offer()
  const load = { isOver: false }
  const counts = { pages: 0, putOff: 0, sold: 0 }
  const readers = Array.from({ length: 4 }, async (_, reader) => {
    for (let at = 0; !load.isOver; at++) {
      const answer = await fetch(`${shop.origin}/search?q=${reader}-${at}`)
      await answer.text()
      expect([200, 503]).toContain(answer.status)
      if (answer.status === 503) {
        expect(answer.headers.get('retry-after')).not.toBeNull()
        counts.putOff++
      } else counts.pages++
    }
  })
  const buyers = Array.from({ length: 2 }, async () => {
    while (!load.isOver) {
      const status = await pressBuy()
      expect([303, 429, 503]).toContain(status)
      if (status === 303) counts.sold++
    }
  })
  async function pressBuy(): Promise<number> {
    const answer = await fetch(`${shop.origin}/buy`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: shop.origin, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ product: product.product_id, price: product.id }),
    })
    await answer.text()
    return answer.status
  }
  for (let round = 0; round < 3; round++) {
    const former = { ...counts }
    await until('it is under load', () => counts.pages > former.pages + 5)
    // As pg_ctl stop -m immediate does it.
    const [pid = ''] = readFileSync(
      path.join(shop.dataDir, 'postgres', 'postmaster.pid'),
      'utf8',
    ).split('\n')
    kill(Number(pid), 'SIGQUIT')
    await until('the database is back', async () => isBack(pid), 60_000)
  }
  load.isOver = true
  await Promise.all([...readers, ...buyers])
  expect(shop.pid).toBe(shopPid)
  expect(counts.sold).toBeGreaterThan(0)
  // Every purchase that was answered with the way to pay is there.
  const [{ stored } = { stored: 0 }] = await shop.query<{ stored: number }>(
    'select count(*)::int as stored from checkout where stripe_session_id is not null',
  )
  expect(stored).toBeGreaterThanOrEqual(counts.sold)
  expect(await shop.brokenInvariants()).toEqual([])
})

async function offer() {
  const [row] = await shop.query<{ product_id: string; id: string }>(
    `select price.id, product_id from price join product on product.id = product_id
     where is_active and state = 'live' order by product.position limit 1`,
  )
  if (!row) throw new Error('Nothing is for sale.')
  return row
}

async function isBack(formerPid: string): Promise<boolean> {
  const [pid] = readFileSyncOrNothing().split('\n')
  if (pid === undefined || pid === '' || pid === formerPid) return false
  const answer = await fetch(`${shop.origin}/readyz`)
  return answer.status === 200
}

function readFileSyncOrNothing(): string {
  try {
    return readFileSync(path.join(shop.dataDir, 'postgres', 'postmaster.pid'), 'utf8')
  } catch {
    return '' // between two starts there is none
  }
}

// A device that is always full is a thing of Linux.
if (os.platform() === 'linux')
  test('M26: its log cannot be written, the disk is full: it starts, sells and ends as ever', async () => {
    const quiet = new ShopProcess()
    const full = openSync('/dev/full', 'w')
    quiet.saysTo = full
    try {
      await quiet.start()
      for (let at = 0; at < 5; at++) expect(await quiet.buy()).toBe(303)
      const checkout = await quiet.newestCheckout()
      await quiet.control('POST', 'pay', {
        session: checkout?.stripe_session_id,
        email: 'ada@example.com',
      })
      await until('it is delivered', async () => {
        const outcome = await quiet.outcome(checkout?.id ?? '')
        return outcome?.entitlements?.toString() === '1'
      })
      expect(await quiet.brokenInvariants()).toEqual([])
    } finally {
      await quiet.stop()
      closeSync(full)
    }
  })
