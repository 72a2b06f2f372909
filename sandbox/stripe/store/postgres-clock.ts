import pg from 'pg'

const OWN_CHANNEL = 'stripe_sandbox_clock'

/** Told when a clock table of somebody else's is moved, and listened to for the same. */
const SHARED_CHANNEL = 'clock'

const RECONNECT_AFTER_MS = 1_000

/**
 * The clock of all processes: the database's time plus a stored offset, in the sandbox's own row or
 * in a table named by whoever runs it.
 */
export class PostgresClock {
  readonly #pool: pg.Pool
  readonly #connectionString: string
  readonly #table: string
  readonly #isShared: boolean
  readonly #listeners = new Set<() => void>()
  #client: pg.Client | undefined
  #reconnect: NodeJS.Timeout | undefined
  #isClosed = false
  /** Sandbox time minus this process's real time, as last seen. */
  #aheadMs = 0

  private constructor(pool: pg.Pool, connectionString: string, table: string, isShared: boolean) {
    this.#pool = pool
    this.#connectionString = connectionString
    this.#table = table
    this.#isShared = isShared
  }

  static async open(
    pool: pg.Pool,
    connectionString: string,
    table: string | undefined,
  ): Promise<PostgresClock> {
    if (table !== undefined && !/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(table))
      throw new Error(`${table} is not a table's name (schema.table, lower case).`)
    const clock = new PostgresClock(
      pool,
      connectionString,
      table ?? 'stripe_sandbox.clock',
      table !== undefined,
    )
    const { rows } = await pool.query(`select offset_ms from ${clock.#table}`)
    if (rows.length !== 1)
      throw new Error(`The clock table ${clock.#table} has ${rows.length} rows; it must have one.`)
    await clock.nowMs()
    await clock.#listen()
    return clock
  }

  /** An expression for now in milliseconds, real to the moment it is evaluated. */
  get nowSql(): string {
    return `floor(extract(epoch from clock_timestamp()) * 1000) + (select offset_ms from ${this.#table})`
  }

  /** Now as far as this process knows, without asking. */
  estimateMs(): number {
    return Math.floor(Date.now() + this.#aheadMs)
  }

  /** Learns from a time the database just told. */
  observe(nowMs: number): void {
    this.#aheadMs = nowMs - Date.now()
  }

  async nowMs(): Promise<number> {
    const { rows } = await this.#pool.query<{ now_ms: string }>(`select ${this.nowSql} as now_ms`)
    const nowMs = Math.floor(Number(rows[0]?.now_ms))
    this.observe(nowMs)
    return nowMs
  }

  async offsetMs(): Promise<number> {
    const { rows } = await this.#pool.query<{ offset_ms: string }>(
      `select offset_ms from ${this.#table}`,
    )
    return Number(rows[0]?.offset_ms)
  }

  async setOffsetMs(offsetMs: number): Promise<void> {
    await this.#pool.query(
      `update ${this.#table} set offset_ms = ${Math.round(offsetMs)};
       notify ${OWN_CHANNEL}; ${this.#isShared ? `notify ${SHARED_CHANNEL}` : ''}`,
    )
    await this.nowMs()
  }

  onMoved(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#reconnect)
    await this.#client?.end()
  }

  async #listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#connectionString,
      application_name: 'stripe-sandbox-clock',
      keepAlive: true,
    })
    client.on('notification', () => void this.#moved())
    client.on('error', () => this.#listenAgain(client))
    client.on('end', () => this.#listenAgain(client))
    await client.connect()
    await client.query(`listen ${OWN_CHANNEL}; ${this.#isShared ? `listen ${SHARED_CHANNEL}` : ''}`)
    this.#client = client
  }

  async #moved(): Promise<void> {
    try {
      await this.nowMs()
    } catch {
      // The database is away; the listening connection ends too and is made anew, and then the
      // clock is read again.
      return
    }
    for (const listener of this.#listeners) listener()
  }

  /** After a break: connect again, and look at the clock, which may have been moved meanwhile. */
  #listenAgain(broken: pg.Client): void {
    if (this.#isClosed || (this.#client !== undefined && this.#client !== broken)) return
    this.#client = undefined
    clearTimeout(this.#reconnect)
    this.#reconnect = setTimeout(() => {
      this.#listen().then(
        () => this.#moved(),
        () => this.#listenAgain(broken),
      )
    }, RECONNECT_AFTER_MS)
  }
}
