import Stripe from 'stripe'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect } from 'vitest'
import { connectModules } from '#boot/server/services.ts'
import { deliverMail } from '#modules/notifications/server/index.ts'
import {
  forgetBackend,
  receiveWebhook,
  startCheckout,
  startWorker,
  stopWorker,
} from '#modules/payments/server/index.ts'
import type { CheckoutLine } from '#modules/payments/types.ts'
import { newId } from '#modules/platform/ids.ts'
import {
  advanceClock,
  db,
  inTransaction,
  runtime,
  startJobs,
  stopJobs,
} from '#modules/platform/server/index.ts'
import { provideRuntime } from '#server/runtime.ts'
import { sandboxSecrets } from '#server/sandbox.ts'
import { startSandbox, type RunningSandbox } from '../sandbox/stripe/index.ts'
import { useDatabase } from './database.ts'
import { until } from './until.ts'
import { sql } from 'kysely'

export interface Money {
  readonly sandbox: RunningSandbox
  /** Where the shop's webhook listens. */
  readonly webhookUrl: string
  /** What the webhook answered, in order. */
  readonly answers: number[]
  /** Takes the webhook away (connections refused) and gives it back. */
  closeWebhook(): Promise<void>
  openWebhook(): Promise<void>
}

let sandboxOfFile: RunningSandbox | undefined

/**
 * Gives the test file a shop's money side whole: database, Stripe sandbox in memory, a webhook over real HTTP, the worker,
 * and every module connected as in the running program. worker false: the file works the inbox by itself. mailWorker false:
 * mails are asked for, and the file delivers them by itself.
 */
export function useMoney(
  options: { worker?: boolean; mailWorker?: boolean; stripeCallsPerSecond?: number } = {},
): Money {
  useDatabase()
  let server: Server | undefined
  let port = 0
  const answers: number[] = []
  const money: { -readonly [Key in keyof Money]: Money[Key] } = {
    sandbox: undefined as never, // set in beforeAll, before any test runs
    webhookUrl: '',
    answers,
    async closeWebhook() {
      server?.closeAllConnections()
      await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
      server = undefined
    },
    async openWebhook() {
      server = createServer((request, response) => {
        const chunks: Buffer[] = []
        request.on('data', (chunk: Buffer) => chunks.push(chunk))
        request.on('end', () => {
          const signature = request.headers['stripe-signature']
          receiveWebhook(
            Buffer.concat(chunks),
            typeof signature === 'string' ? signature : null,
          ).then(
            (result) => answer(result.ok ? 200 : result.reason === 'not_configured' ? 503 : 400),
            () => answer(500),
          )
        })
        function answer(status: number) {
          answers.push(status)
          response.writeHead(status).end()
        }
      })
      await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve))
      port = (server.address() as AddressInfo).port
    },
  }

  beforeAll(async () => {
    const secrets = sandboxSecrets(runtime().settings.secret)
    money.sandbox = await startSandbox({
      key: secrets.key,
      delivery: 'test',
      rateLimit: 'off',
      validate: true,
    })
    sandboxOfFile = money.sandbox
    provideRuntime({
      ...runtime(),
      settings: {
        ...runtime().settings,
        stripeCallsPerSecond: options.stripeCallsPerSecond ?? 100_000,
      },
      sandbox: { url: money.sandbox.url, ...secrets },
    })
    forgetBackend()
    await money.openWebhook()
    money.webhookUrl = `http://127.0.0.1:${port}/webhooks/stripe`
    await money.sandbox.control.putEndpoint({
      name: 'sundry',
      url: money.webhookUrl,
      secret: secrets.webhookSecret,
    })
    connectModules()
    await startJobs([deliverMail], { workers: options.mailWorker ?? true })
    if (options.worker !== false) startWorker()
  })
  afterAll(async () => {
    sandboxOfFile = undefined
    await stopWorker()
    await stopJobs()
    await money.sandbox.close()
    await money.closeWebhook()
  })
  return money
}

/** Stripe's own SDK on the shop's account: what somebody does in Stripe's dashboard. */
export function stripeItself(): Stripe {
  const { settings, sandbox } = runtime()
  // As the shop was told of it: by itself, or as a backend with a key.
  const url = sandbox?.url ?? settings.stripeApiBase ?? ''
  const key = sandbox?.key ?? ('secretKey' in settings.stripe ? settings.stripe.secretKey : '')
  const { hostname, port } = new URL(url)
  return new Stripe(key, { host: hostname, port, protocol: 'http', telemetry: false })
}

export interface TestProduct {
  readonly productId: string
  readonly priceId: string
  readonly title: string
  readonly unitMinor: number
}

/** A live download with one snippet in it. */
export async function makeProduct(title = 'Field Notes', unitMinor = 1200): Promise<TestProduct> {
  return inTransaction(async (tx) => {
    const product = await tx
      .insertInto('product')
      .values({ kind: 'download', slug: `p-${newId()}`, title, state: 'live' })
      .returning('id')
      .executeTakeFirstOrThrow()
    const price = await tx
      .insertInto('price')
      .values({ product_id: product.id, amount_minor: unitMinor, currency: 'EUR' })
      .returning('id')
      .executeTakeFirstOrThrow()
    await tx.insertInto('download').values({ product_id: product.id }).execute()
    await tx
      .insertInto('download_item')
      .values({
        product_id: product.id,
        position: 0,
        item_kind: 'snippet',
        title: 'Snippet',
        body: 'Hello',
      })
      .execute()
    return { productId: product.id, priceId: price.id, title, unitMinor }
  })
}

/** One of the product, as a line of a checkout. */
export function lineOf(product: TestProduct, more: Partial<CheckoutLine> = {}): CheckoutLine {
  return { ...product, kind: 'download', quantity: 1, discountMinor: 0, bundle: undefined, ...more }
}

export interface Started {
  readonly checkoutId: string
  readonly sessionId: string
}

/** Presses "Buy" as the route does. */
export function start(line: CheckoutLine, member?: { id: string; email: string }) {
  return startCheckout({
    payable: 'order',
    currency: 'EUR',
    lines: [line],
    couponCode: undefined,
    member,
    email: undefined,
    visitor: undefined,
    also: '',
  })
}

/** The same where it leads to the payment page; the session's id is read from our row. */
export async function buy(
  product: TestProduct,
  member?: { id: string; email: string },
): Promise<Started> {
  const started = await start(lineOf(product), member)
  if (!started.ok) throw new Error(`The checkout did not start: ${started.reason}`)
  return { checkoutId: started.checkoutId, sessionId: await sessionOf(started.checkoutId) }
}

export async function sessionOf(checkoutId: string): Promise<string> {
  const row = await db()
    .selectFrom('checkout')
    .select('stripe_session_id')
    .where('id', '=', checkoutId)
    .executeTakeFirstOrThrow()
  if (!row.stripe_session_id) throw new Error('No session was stored.')
  return row.stripe_session_id
}

export async function stateOf(checkoutId: string): Promise<string> {
  return (
    await db()
      .selectFrom('checkout')
      .select('state')
      .where('id', '=', checkoutId)
      .executeTakeFirstOrThrow()
  ).state
}

/** Everything that came of a checkout, as counts: what "exactly once" is measured by. */
export async function outcomeOf(checkoutId: string) {
  const { rows } = await sql<{
    state: string
    orders: number
    payments: number
    entitlements: number
    receipts: number
    fulfilments: number
  }>`
    select c.state,
      (select count(*) from shop_order where checkout_id = c.id) as orders,
      (select count(*) from payment where checkout_id = c.id) as payments,
      (select count(*) from entitlement e join order_line l on l.id = e.source_id join shop_order o on o.id = l.order_id where o.checkout_id = c.id) as entitlements,
      (select count(*) from email_message m join shop_order o on m.template = 'receipt' and m.entity_key = o.id::text || ':first' where o.checkout_id = c.id) as receipts,
      (select count(*) from payment_effect where kind = 'fulfil' and key = c.id::text) as fulfilments
    from checkout c where c.id = ${checkoutId}
  `.execute(db())
  return rows[0]
}

export const fulfilledOnce = {
  state: 'paid',
  orders: 1,
  payments: 1,
  entitlements: 1,
  receipts: 1,
  fulfilments: 1,
}

/** The entitlements of a checkout's order: state and reason. */
export async function accessOf(checkoutId: string) {
  return db()
    .selectFrom('entitlement')
    .innerJoin('order_line', 'order_line.id', 'entitlement.source_id')
    .innerJoin('shop_order', 'shop_order.id', 'order_line.order_id')
    .select(['entitlement.state', 'entitlement.reason'])
    .where('shop_order.checkout_id', '=', checkoutId)
    .execute()
}

export async function untilPaid(checkoutId: string): Promise<void> {
  await until('the checkout is paid', async () => (await stateOf(checkoutId)) === 'paid')
}

/** Hands an event to the shop's door, signed as Stripe signs. */
export async function deliver(event: object): Promise<void> {
  const body = JSON.stringify(event)
  const signature = stripeItself().webhooks.generateTestHeaderString({
    payload: body,
    secret: runtime().sandbox?.webhookSecret ?? '',
  })
  expect(await receiveWebhook(Buffer.from(body), signature)).toEqual({ ok: true })
}

/** Every event there is, the oldest first. */
export async function allEvents(): Promise<Stripe.Event[]> {
  const events: Stripe.Event[] = []
  for await (const event of stripeItself().events.list({ limit: 100 })) events.push(event)
  return events.toReversed()
}

/** Each event of Stripe's came once, or failed to, unless it is held back; and none waits in the inbox any more. */
export async function untilInboxIsEmpty(limitMs?: number): Promise<void> {
  await until(
    'the inbox is empty',
    async () => {
      const onTheirWay = await sandboxOfFile?.control.deliveries({ status: 'pending', held: false })
      if (onTheirWay?.data.some(({ attempts }) => attempts.length === 0)) return false
      const row = await db()
        .selectFrom('stripe_event')
        .select((select) => select.fn.countAll<number>().as('waiting'))
        .where('state', '=', 'pending')
        .executeTakeFirstOrThrow()
      return row.waiting === 0
    },
    limitMs,
  )
}

/** Moves the shop's clock and the sandbox's together. */
export async function passTimeEverywhere(money: Money, milliseconds: number): Promise<void> {
  await inTransaction((tx) => advanceClock(tx, milliseconds))
  await money.sandbox.control.advance(`${milliseconds}ms`)
}

export { brokenInvariants } from './invariants.ts'
