import { SMTPServer } from 'smtp-server'
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../until.ts'
import { ShopProcess, type Kill } from './shop.ts'

const delivered = { state: 'paid', orders: 1, payments: 1, entitlements: 1, receipts: 1 }

/** A mail server that takes everything and remembers it. */
const mails: { messageId: string; to: string; subject: string }[] = []
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, session, done) {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      void PostalMime.parse(Buffer.concat(chunks)).then((mail) => {
        mails.push({
          messageId: mail.messageId ?? '',
          to: mail.to?.[0]?.address ?? '',
          subject: mail.subject ?? '',
        })
        done()
      })
    })
    void session
  },
})
smtp.on('error', () => undefined) // who is killed in the middle of a mail resets the connection

const shop = new ShopProcess()

beforeAll(async () => {
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  const address = smtp.server.address()
  shop.environment.SMTP_URL = `smtp://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`
  shop.environment.MAIL_FROM = 'shop@example.com'
  await shop.start()
  await shop.kill()
}, 120_000)

afterAll(async () => {
  await shop.stop()
  await new Promise<void>((resolve) => smtp.close(() => resolve()))
})

/** Goes on after the crash: starts again, lets Stripe repeat what it would repeat, waits for the outcome, checks everything. */
async function recovers(checkoutId: string, expected: object = delivered): Promise<void> {
  await until(
    `the checkout is as it should be (now ${JSON.stringify(await shop.outcome(checkoutId))})`,
    async () => {
      const outcome = await shop.outcome(checkoutId)
      return Object.entries(expected).every(([name, value]) => outcome?.[name] === value)
    },
    40_000,
  )
  await until(
    'nothing waits any more',
    async () => {
      const [row] = await shop.query<{ waiting: number }>(
        `select ((select count(*) from stripe_event where state = 'pending') + (select count(*) from email_message where state in ('queued', 'sending')))::int as waiting`,
      )
      return row?.waiting === 0
    },
    40_000,
  )
  expect(await shop.brokenInvariants()).toEqual([])
  expect(await fetch(`${shop.origin}/`).then((answer) => answer.status)).toBe(200)
}

/** Starts without a kill, opens a checkout, and starts again with one. */
async function openCheckout(kill: Kill): Promise<{ checkoutId: string; sessionId: string }> {
  await shop.start()
  expect(await shop.buy()).toBe(303)
  const checkout = await shop.newestCheckout()
  await shop.kill()
  await shop.start(kill)
  return { checkoutId: checkout?.id ?? '', sessionId: checkout?.stripe_session_id ?? '' }
}

const receiptCopies = (orderId: string, messageIds: readonly string[]) =>
  mails.filter((mail) => messageIds.includes(mail.messageId)).length || Number(orderId === '')

async function receiptOf(checkoutId: string): Promise<{ copies: number }> {
  const rows = await shop.query<{ message_id: string }>(
    `select m.message_id from email_message m join shop_order o on m.entity_key = o.id::text || ':first' where m.template = 'receipt' and o.checkout_id = $1`,
    [checkoutId],
  )
  return {
    copies: receiptCopies(
      checkoutId,
      rows.map((row) => row.message_id),
    ),
  }
}

describe('killed while a checkout starts', () => {
  test('C01: before the checkout row there is nothing, and nothing is left', async () => {
    await shop.start({ pattern: 'insert into "checkout"', when: 'before' })
    const before = await shop.newestCheckout()
    expect(await shop.buy()).toBeUndefined()
    await shop.died()
    await shop.start()
    expect(await shop.newestCheckout()).toEqual(before)
    expect(await shop.brokenInvariants()).toEqual([])
    await shop.kill()
  })

  test('C02: the row is committed, Stripe was not asked: the sweep ends it and the buyer may start anew', async () => {
    await shop.start({ pattern: 'insert into stripe_pace', when: 'before' })
    expect(await shop.buy()).toBeUndefined()
    await shop.died()
    await shop.start()
    const lost = await shop.newestCheckout()
    expect(lost).toMatchObject({ state: 'open', stripe_session_id: null })
    await shop.control('POST', 'clock', { advance: '3m' })
    await recovers(lost?.id ?? '', { state: 'expired', orders: 0 })
    await shop.kill()
  })

  for (const [point, kill] of [
    [
      'C03: Stripe answered, the session was not stored',
      { pattern: 'update "checkout" set "stripe_session_id"', when: 'before' },
    ],
    [
      'C04: the session was stored, the buyer was not sent there',
      { pattern: 'update "checkout" set "stripe_session_id"', when: 'after' },
    ],
  ] as const satisfies readonly (readonly [string, Kill])[]) {
    test(`${point}: paying that session still delivers`, async () => {
      await shop.start(kill)
      expect(await shop.buy()).toBeUndefined()
      await shop.died()
      await shop.start()
      const lost = await shop.newestCheckout()
      const session = await shop.sessionAtStripe(lost?.id ?? '')
      await shop.control('POST', 'pay', { session, email: 'ada@example.com' })
      await recovers(lost?.id ?? '')
      await shop.kill()
    })
  }
})

describe('killed while an event is taken and worked on', () => {
  for (const [point, kill] of [
    ['C05: read, not stored', { pattern: 'insert into stripe_event', when: 'before' }],
    [
      'C06: stored, not answered [payments 8]',
      { pattern: 'insert into stripe_event', when: 'after' },
    ],
    [
      'C07: answered, not processed [payments 9]',
      { pattern: 'insert into sync_lease', when: 'before', nth: 2 },
    ],
    [
      'C08, C35: inside the fulfilment transaction, when the order number is taken and the order not committed',
      { pattern: 'insert into "shop_order"', when: 'after' },
    ],
    ['C08: just before its commit', { pattern: 'update stripe_event set state', when: 'after' }],
    [
      'C09: between commit and job there is no between',
      { pattern: 'insert into "email_message"', when: 'after' },
    ],
    [
      'C10: the job was fetched, its work not begun [payments 10]',
      { pattern: 'update "email_message" set "state" = \\$1, "leased_until"', when: 'before' },
    ],
    [
      'C11: the work was done, the job not completed [commerce 8]',
      { pattern: 'update "email_message" set "state" = \\$1, "via"', when: 'after' },
    ],
    [
      'C13: the mail was written, not sent',
      { pattern: 'update "email_message" set "state" = \\$1, "leased_until"', when: 'after' },
    ],
    [
      'C14: the mail server said yes, we had not noted it',
      { pattern: 'update "email_message" set "state" = \\$1, "via"', when: 'before' },
    ],
  ] as const satisfies readonly (readonly [string, Kill])[]) {
    test(`${point}: one order, one grant, one receipt`, async () => {
      const { checkoutId, sessionId } = await openCheckout(kill)
      await shop
        .control('POST', 'pay', {
          session: sessionId,
          email: `${point.slice(0, 3).toLowerCase()}@example.com`,
        })
        .catch(() => undefined)
      await shop.died()
      await shop.start()
      await shop.expireLeases()
      // Stripe repeats a delivery it got no answer to; polling would find it too.
      await shop.control('POST', 'clock', { advance: '11m' })
      await recovers(checkoutId)
      if (point.includes('C35')) {
        // A gap in the numbers is what it costs, and all: the number that died with its transaction is nobody's.
        const [last] = await shop.query<{ gap: boolean }>(
          `select (select max(number) from shop_order) = last_value and last_value > 1000 + (select count(*) from shop_order) as gap from order_number`,
        )
        expect(last?.gap).toBe(true)
      }
      const { copies } = await receiptOf(checkoutId)
      expect(copies).toBeGreaterThanOrEqual(1)
      // One crash may make one copy, with the same Message-ID.
      expect(copies).toBeLessThanOrEqual(2)
      await shop.kill()
    })
  }

  test('C12: the return page has its answer and dies while the webhook is at work: delivered once', async () => {
    const { checkoutId, sessionId } = await openCheckout({
      pattern: 'insert into payment_effect',
      when: 'before',
    })
    const paying = shop
      .control('POST', 'pay', { session: sessionId, email: 'c12@example.com' })
      .catch(() => undefined)
    await Promise.all([
      paying,
      fetch(`${shop.origin}/checkout/${checkoutId}`).catch(() => undefined),
    ])
    await shop.died()
    await shop.start()
    await shop.expireLeases()
    await shop.control('POST', 'clock', { advance: '11m' })
    await recovers(checkoutId)
    await shop.kill()
  })

  test('C15: between two recipients: each gets their receipt', async () => {
    await shop.start()
    const sales: string[] = []
    const sessions: string[] = []
    for (let index = 0; index < 2; index++) {
      expect(await shop.buy()).toBe(303)
      const checkout = await shop.newestCheckout()
      sales.push(checkout?.id ?? '')
      sessions.push(checkout?.stripe_session_id ?? '')
    }
    await shop.kill()
    await shop.start({ pattern: 'update "email_message" set "state" = \\$1, "via"', when: 'after' })
    await Promise.all(
      sessions.map((session, index) =>
        shop
          .control('POST', 'pay', { session, email: `c15-${index}@example.com` })
          .catch(() => undefined),
      ),
    )
    await shop.died()
    await shop.start()
    await shop.expireLeases()
    await shop.control('POST', 'clock', { advance: '11m' })
    for (const checkoutId of sales) {
      await recovers(checkoutId)
      const { copies } = await receiptOf(checkoutId)
      expect(copies).toBeGreaterThanOrEqual(1)
      expect(copies).toBeLessThanOrEqual(2)
    }
    await shop.kill()
  })
})
