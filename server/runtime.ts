import type { Settings } from './settings.ts'

/**
 * What the starting program hands to the web application it loads: one object under one symbol,
 * because the built bundle and server/ are two module graphs in one process.
 */
export interface Runtime {
  /** What is in force: the environment, and what was entered in pages where that is silent. */
  readonly settings: Settings
  /** What the environment alone says. undefined: the same (a test, a script). */
  readonly given?: Settings
  /** Begins and ends the built-in sandbox, when the shop leaves its rehearsal or comes back to it. */
  readonly sandboxProcess?: {
    start(): Promise<NonNullable<Runtime['sandbox']>>
    stop(): Promise<void>
  }
  /** How to reach the database, embedded or not, as a connection string for `pg`. */
  readonly databaseUrl: string
  readonly databaseKind: 'embedded' | 'server'
  /** The built-in Stripe sandbox; undefined as soon as a real key is set. */
  readonly sandbox:
    | { readonly url: string; readonly key: string; readonly webhookSecret: string }
    | undefined
  /** What only the person at the console is shown: opens the rehearsal mailbox without signing in. */
  readonly mailboxKey: string
  /** Whether somebody waits for a page, or did a moment ago: what is not urgent then takes less at once. */
  readonly isVisited?: () => boolean
  readonly version: string
  /** Where the build's scripts, styles and fonts lie; undefined without a build. */
  readonly assetsFolder?: string
}

const slot = Symbol.for('sundry.runtime')

export function provideRuntime(runtime: Runtime): void {
  ;(globalThis as Record<symbol, unknown>)[slot] = runtime
}

/** Throws when nothing was provided: the application was loaded by something else than `npm start` or a test. */
export function runtime(): Runtime {
  const provided = (globalThis as Record<symbol, unknown>)[slot] as Runtime | undefined
  if (!provided)
    throw new Error('The application was loaded without its runtime. Start it with `npm start`.')
  return provided
}
