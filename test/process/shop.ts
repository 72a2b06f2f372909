import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { freePort } from '../../server/free-port.ts'
import { invariants } from '../../scripts/invariants.ts'
import { startEmbedded } from '../../server/database/embedded.ts'
import { until } from '../until.ts'

const root = path.resolve(import.meta.dirname, '../..')

export interface Kill {
  /** Regular expression over the text of a statement. */
  readonly pattern: string
  readonly when: 'before' | 'after'
  readonly nth?: number
}

/** The real program, built, on a data folder of its own; it can be killed at a statement and started again. */
export class ShopProcess {
  readonly dataDir = mkdtempSync(path.join(os.tmpdir(), 'sundry-crash-'))
  readonly environment: Record<string, string> = {}
  /** An open file that everything it says goes to, instead of `output`. */
  saysTo: number | undefined
  port = 0
  output = ''
  #child: ChildProcess | undefined
  #runtime: { sandbox: { url: string; key: string }; databaseUrl: string } | undefined

  get origin(): string {
    return `http://localhost:${this.port}`
  }

  get pid(): number {
    if (!this.#child?.pid) throw new Error('The shop does not run.')
    return this.#child.pid
  }

  /** Starts and waits until it is ready. kill: at which statement it shall die. */
  async start(kill?: Kill): Promise<void> {
    this.port ||= await freePort()
    const runtimeFile = path.join(this.dataDir, 'runtime.json')
    rmSync(runtimeFile, { force: true })
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        '--import',
        path.join(root, 'test/process/preload.mjs'),
        path.join(root, 'server/main.ts'),
      ],
      {
        cwd: root,
        stdio: ['ignore', this.saysTo ?? 'pipe', this.saysTo ?? 'pipe'],
        env: {
          ...process.env,
          ...this.environment,
          PORT: String(this.port),
          HOST: '127.0.0.1',
          DATA_DIR: this.dataDir,
          SUNDRY_TEST_RUNTIME: runtimeFile,
          ...(kill ? { SUNDRY_TEST_KILL: JSON.stringify({ nth: 1, ...kill }) } : {}),
        },
      },
    )
    this.#child = child
    const said = this.output.length
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    await until(
      `the shop is ready:\n${this.output.slice(-2000)}`,
      async () => {
        if (child.exitCode !== null)
          throw new Error(`The shop ended (${child.exitCode}):\n${this.output.slice(-3000)}`)
        return (
          existsSync(runtimeFile) &&
          // It serves a moment before it has said where: tests read its links from what it says.
          (this.saysTo !== undefined ||
            child.signalCode !== null ||
            this.output.includes('Sundry is open', said)) &&
          (await fetch(`${this.origin}/readyz`).then(
            (answer) => answer.ok,
            () => false,
          ))
        )
      },
      60_000,
    )
    this.#runtime = JSON.parse(readFileSync(runtimeFile, 'utf8'))
  }

  /** Waits until the process died by its own kill. */
  async died(): Promise<void> {
    const child = this.#child
    await until('the shop died at the crash point', () => child?.signalCode === 'SIGKILL', 30_000)
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.died()
  }

  /** Ends it in order; afterwards the database's server is ended too, whoever left it. */
  async stop(): Promise<void> {
    const child = this.#child
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await until(
        'the shop has stopped',
        () => child.exitCode !== null || child.signalCode !== null,
        40_000,
      )
    }
    if (this.environment.DATABASE_URL) return rmSync(this.dataDir, { recursive: true, force: true })
    const database = await startEmbedded({
      folder: path.join(this.dataDir, 'postgres'),
      logFile: path.join(this.dataDir, 'postgres.log'),
      durable: false,
      maxConnections: 40,
    })
    await database.stop()
    rmSync(this.dataDir, { recursive: true, force: true })
  }

  /** Asks the shop's database, behind its back. */
  /** Takes the example plans out, for what begins without any plan. */
  async removeExamplePlans(): Promise<void> {
    await this.query('delete from plan where is_example')
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.#runtime?.databaseUrl })
    client.on('error', () => undefined) // the statement under way rejects with the same error
    await client.connect()
    try {
      return (await client.query<Row>(text, values)).rows
    } finally {
      await client.end()
    }
  }

  async control(
    method: 'GET' | 'POST' | 'PUT',
    name: string,
    body?: object,
  ): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.#runtime?.sandbox.url}/_sandbox/${name}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#runtime?.sandbox.key}`,
        'content-type': 'application/json',
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const told = (await answer.json()) as Record<string, unknown>
    if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(told)}`)
    return told
  }

  /** A call of Stripe's API, as somebody in Stripe's dashboard would cause it. Throws what is refused. */
  async stripe(
    method: 'GET' | 'POST',
    name: string,
    body: Readonly<Record<string, string>> = {},
  ): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.#runtime?.sandbox.url}/v1/${name}`, {
      method,
      headers: { authorization: `Bearer ${this.#runtime?.sandbox.key}` },
      ...(method === 'POST' ? { body: new URLSearchParams(body) } : {}),
    })
    const told = (await answer.json()) as Record<string, unknown>
    if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(told)}`)
    return told
  }

  /** The newest session at the sandbox for a checkout, paid or not. */
  async sessionAtStripe(checkoutId: string): Promise<string | undefined> {
    const answer = await fetch(`${this.#runtime?.sandbox.url}/v1/checkout/sessions?limit=100`, {
      headers: { authorization: `Bearer ${this.#runtime?.sandbox.key}` },
    })
    const { data } = (await answer.json()) as {
      data: { id: string; client_reference_id: string }[]
    }
    return data.find((session) => session.client_reference_id === checkoutId)?.id
  }

  /** Presses "Buy" for the Wednesday Planner of the example shop, or the first download of another one. Resolves to the status, or undefined when the connection broke. */
  async buy(): Promise<number | undefined> {
    const [offer] = await this.query<{ product_id: string; id: string }>(
      `select price.id, product_id from price join product on product.id = product_id where is_active and state = 'live' and kind = 'download'
       order by (slug = 'the-wednesday-planner') desc, product.position, product.id limit 1`,
    )
    const answer = await fetch(`${this.origin}/buy`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: this.origin, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ product: offer?.product_id ?? '', price: offer?.id ?? '' }),
    }).catch(() => undefined)
    return answer?.status
  }

  async newestCheckout(): Promise<
    { id: string; state: string; stripe_session_id: string | null } | undefined
  > {
    const [row] = await this.query<{ id: string; state: string; stripe_session_id: string | null }>(
      'select id, state, stripe_session_id from checkout order by created_at desc limit 1',
    )
    return row
  }

  async brokenInvariants(): Promise<string[]> {
    const broken: string[] = []
    for (const invariant of invariants) {
      const [row] = await this.query<{ broken: string }>(invariant.sql)
      if (Number(row?.broken) !== 0)
        broken.push(`${invariant.id}: ${invariant.words} (${row?.broken})`)
    }
    return broken
  }

  /** What died let go: instead of waiting for its leases to run out. */
  async expireLeases(): Promise<void> {
    await this.query(`update sync_lease set leased_until = '-infinity'`)
    await this.query(
      `update email_message set leased_until = '-infinity' where leased_until is not null`,
    )
  }

  /** Counts of everything a checkout led to. */
  async outcome(checkoutId: string) {
    const [row] = await this.query<Record<string, string>>(
      `select c.state,
        (select count(*) from shop_order where checkout_id = c.id)::int as orders,
        (select count(*) from payment where checkout_id = c.id)::int as payments,
        (select count(*) from entitlement e join order_line l on l.id = e.source_id join shop_order o on o.id = l.order_id where o.checkout_id = c.id)::int as entitlements,
        (select count(*) from email_message m join shop_order o on m.template = 'receipt' and m.entity_key = o.id::text || ':first' where o.checkout_id = c.id)::int as receipts
       from checkout c where c.id = $1`,
      [checkoutId],
    )
    return row
  }
}
