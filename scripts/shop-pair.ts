import { ShopProcess } from '../test/process/shop.ts'
import { until } from '../test/until.ts'
import { startFront, type Front } from './front.ts'
import { freePort } from '../server/free-port.ts'
import { onServer, startThrowawayServer } from './throwaway-database.ts'
import { saleOutcomes } from './sale-outcomes.ts'

/** Two processes of one shop on one PostgreSQL behind one address, and what their buyers were told. */
export class ShopPair {
  readonly shops = [new ShopProcess(), new ShopProcess()] as const
  /** Sessions somebody was told are paid. */
  readonly paid = new Set<string>()
  /** Presses of "Buy" so far, and those that led to no payment page. */
  readonly told = { requests: 0, cut: 0 }
  origin = ''
  #server: Awaited<ReturnType<typeof startThrowawayServer>> | undefined
  #front: Front | undefined
  #buyer = 0
  #offer: { product: string; price: string } | undefined

  async start(options: {
    readonly asksReady: boolean
    readonly environment?: Readonly<Record<string, string>>
  }): Promise<void> {
    this.#server = await startThrowawayServer(true)
    await onServer(this.#server.url('postgres'), 'create database shared')
    const port = await freePort()
    this.origin = `http://localhost:${port}`
    const [one] = this.shops
    for (const shop of this.shops)
      Object.assign(shop.environment, {
        DATABASE_URL: this.#server.url('shared'),
        SUNDRY_SECRET: 'one secret for all processes of this shop',
        STORAGE_URL: `file:${one.dataDir}/files`,
        ORIGIN: this.origin,
        TRUSTED_PROXIES: '1',
        STRIPE_CALLS_PER_SECOND: '200',
        ...options.environment,
      })
    await Promise.all(this.shops.map((shop) => shop.start()))
    this.#front = startFront(port, () => this.shops, options)
    const [offer] = await one.query<{ product: string; price: string }>(
      `select product_id as product, price.id as price from price join product on product.id = product_id where is_active and state = 'live' order by product.position limit 1`,
    )
    this.#offer = offer
  }

  async stop(): Promise<void> {
    this.#front?.close()
    for (const shop of this.shops.toReversed()) await shop.stop()
    await this.#server?.stop()
  }

  /** Presses "Buy" and pays. false: the press led to no payment page. */
  async buyAndPay(): Promise<boolean> {
    this.told.requests++
    const session = await this.#buy()
    if (session === undefined) {
      this.told.cut++
      return false
    }
    const email = `buyer${++this.#buyer}@example.com`
    if (await this.#control('pay', { session, email })) this.paid.add(session)
    return true
  }

  async #buy(): Promise<string | undefined> {
    const any = () => Math.floor(Math.random() * 250)
    const answer = await fetch(`${this.origin}/buy`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        origin: this.origin,
        'x-forwarded-for': `10.${any()}.${any()}.${any()}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams(this.#offer),
      signal: AbortSignal.timeout(20_000),
    }).catch(() => undefined)
    return /cs_test_\w+/.exec(answer?.headers.get('location') ?? '')?.[0]
  }

  /** Both have a sandbox over the same state: the one that lives is asked. */
  async #control(name: string, body: object): Promise<boolean> {
    for (const shop of this.shops) {
      const answer = await shop.control('POST', name, body).catch(() => undefined)
      if (answer) return true
    }
    return false
  }

  /** Lets everything that was paid come to its end; tells what did not, and which invariants are broken. */
  async audit(): Promise<string[]> {
    const [one] = this.shops
    await one.expireLeases()
    await this.#control('clock', { advance: '11m' })
    await until(
      'everything is delivered',
      async () => (await this.#undelivered()).length === 0,
      120_000,
    ).catch(() => undefined)
    return [...(await this.#undelivered()), ...(await one.brokenInvariants())]
  }

  async #undelivered(): Promise<string[]> {
    const found = await saleOutcomes(this.shops[0], this.paid)
    return [...this.paid].flatMap((session) => {
      const row = found.get(session)
      if (!row) return [`${session}: paid, and the shop knows nothing of it`]
      return row.orders === 1 && row.open === 1 && row.receipts === 1
        ? []
        : [`${session}: ${row.orders} orders, ${row.open} grants, ${row.receipts} receipts`]
    })
  }
}
