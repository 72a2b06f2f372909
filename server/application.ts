/**
 * What the web application (the built bundle) gives back to the server that loaded it: the other half of
 * runtime.ts, under one symbol for the same reason.
 */
export interface Application {
  /** Resolves when the database answers and the application takes requests. */
  isReady(): Promise<boolean>
  /** Number of the state that public pages show; undefined while changes could be missed (no listening connection). */
  publicVersion(): number | undefined
  /** Takes one delivery of Stripe's, whole and as it came. 2xx exactly when it is committed. */
  webhook(body: Uint8Array, signature: string | undefined, requestId: string): Promise<Answer>
  /** A script, style or font of another build of this shop; undefined: none that is kept. */
  formerAsset(pathname: string): Promise<Buffer | undefined>
  /** The owner's one-time set-up link, while there is no owner. */
  ownerSetupLink(): Promise<string | undefined>
  /** What waits and what is stuck, for the metrics. Rejects while the database does not answer. */
  figures(): Promise<readonly Figure[]>
  /** Ends workers and connections. Called once, after the last request was answered. */
  stop(): Promise<void>
}

/** A number to watch: its name without the program's, and at most one label out of a few fixed ones. Nothing about people. */
export interface Figure {
  readonly name: string
  readonly label?: readonly [name: string, value: string]
  readonly value: number
}

/** A short answer in words. */
export interface Answer {
  readonly status: number
  readonly words: string
}

const slot = Symbol.for('sundry.application')

export function provideApplication(application: Application): void {
  ;(globalThis as Record<symbol, unknown>)[slot] = application
}

/** undefined until the bundle's init has run. */
export function application(): Application | undefined {
  return (globalThis as Record<symbol, unknown>)[slot] as Application | undefined
}
