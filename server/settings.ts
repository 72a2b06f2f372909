import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { brokenRestore, restoringFolder } from './restoring.ts'
import { readBackupSettings, type BackupSettings } from './backup-settings.ts'
import { readStorageAddress, StorageAddressError } from './storage-address.ts'

/**
 * What the process was told from outside, parsed once at start. The names are those of the README's
 * table of settings; everything else reads this object and never process.env.
 */
export interface Settings {
  readonly port: number
  readonly host: string
  /** Public address without a trailing slash, e.g. https://shop.example. */
  readonly origin: string
  /** Absolute path: embedded database, files, generated secret. */
  readonly dataDir: string
  /** A PostgreSQL server instead of the embedded one. */
  readonly databaseUrl: string | undefined
  readonly stripe:
    | { readonly mode: 'rehearsal' }
    | {
        readonly mode: 'test' | 'live'
        readonly secretKey: string
        /** Empty = polling only: the webhook answers 503 and the owner is told. */
        readonly webhookSecrets: readonly string[]
      }
  /** Another Stripe-shaped backend; undefined = Stripe's own address. */
  readonly stripeApiBase: string | undefined
  readonly smtpUrl: string | undefined
  readonly mailFrom: string | undefined
  /** file:<absolute path> or s3:..., see storage-address.ts; holds the keys of a bucket, so it is never printed. */
  readonly storageUrl: string
  /** At least 32 characters; from the environment or DATA_DIR/secret. */
  readonly secret: string
  readonly backups: BackupSettings
  /** At least 16 characters; whoever sends it may read /metrics. undefined: there is no such address. */
  readonly metricsToken: string | undefined
  /** Where the client's address is read from when a proxy stands in front: 0 = the socket itself. */
  readonly trustedProxies: number
  /** So long /readyz says 503 after a SIGTERM while requests are still taken: time for the proxy to notice. */
  readonly drainSeconds: number
  /** Most calls a second to the payment backend. */
  readonly stripeCallsPerSecond: number
  /** Which of those that can be entered in the owner's pages as well stand in the environment, and so cannot. */
  readonly fixed: readonly FixedName[]
}

/** What may be entered in the owner's pages. */
export const enteredNames = [
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'SMTP_URL',
  'MAIL_FROM',
] as const
export type EnteredName = (typeof enteredNames)[number]
type FixedName = EnteredName | 'STRIPE_CALLS_PER_SECOND'

/** Thrown with words meant for the person who starts the program. */
export class SettingsError extends Error {
  override name = 'SettingsError'
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Parses the environment. Creates DATA_DIR and DATA_DIR/secret when they are missing.
 * Throws SettingsError, in plain words, for anything that must not be guessed.
 */
export function readSettings(environment: Environment, cwd: string): Settings {
  const port = wholeNumber(environment, 'PORT', 3000, 0, 65535)
  const host = given(environment, 'HOST') ?? '127.0.0.1'
  const dataDir = usableFolder(path.resolve(cwd, given(environment, 'DATA_DIR') ?? 'data'))
  const origin = readOrigin(environment, port)
  const stripe = readStripe(environment)
  const stripeApiBase = readUrl(environment, 'STRIPE_API_BASE', ['http:', 'https:'])
  if (isLiveElsewhere(stripe.mode, stripeApiBase)) {
    throw new SettingsError(
      'STRIPE_SECRET_KEY is a live key, but STRIPE_API_BASE points to another backend. ' +
        'Real money and a sandbox must not meet: remove STRIPE_API_BASE or use a test key.',
    )
  }
  return {
    port,
    host,
    origin,
    dataDir,
    databaseUrl: readUrl(environment, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    stripe,
    stripeApiBase,
    smtpUrl: readUrl(environment, 'SMTP_URL', ['smtp:', 'smtps:']),
    mailFrom: given(environment, 'MAIL_FROM'),
    storageUrl: readStorageUrl(environment, dataDir),
    secret: readSecret(environment, dataDir),
    backups: readBackupSettings(
      given(environment, 'BACKUP_DIR'),
      dataDir,
      cwd,
      (name, fallback, least, most) => wholeNumber(environment, name, fallback, least, most),
    ),
    metricsToken: readMetricsToken(environment),
    trustedProxies: wholeNumber(environment, 'TRUSTED_PROXIES', 0, 0, 10),
    drainSeconds: wholeNumber(environment, 'DRAIN_SECONDS', 0, 0, 60),
    stripeCallsPerSecond: wholeNumber(
      environment,
      'STRIPE_CALLS_PER_SECOND',
      callsPerSecond[stripe.mode],
      1,
      100_000,
    ),
    fixed: [...enteredNames, 'STRIPE_CALLS_PER_SECOND' as const].filter(
      (name) => environment[name] !== undefined,
    ),
  }
}

/** Far below what Stripe allows each mode. */
const callsPerSecond = { live: 10, test: 3, rehearsal: 25 } as const

/** Real money and a sandbox must not meet. */
export function isLiveElsewhere(
  mode: Settings['stripe']['mode'],
  stripeApiBase: string | undefined,
): boolean {
  return (
    mode === 'live' &&
    stripeApiBase !== undefined &&
    new URL(stripeApiBase).hostname !== 'api.stripe.com'
  )
}

/** The mode of a secret key by its looks; undefined for what is none. */
export function modeOfKey(secretKey: string): 'test' | 'live' | undefined {
  const kind = /^(?:sk|rk)_(test|live)_\S+$/.exec(secretKey)?.[1]
  return kind === 'test' || kind === 'live' ? kind : undefined
}

/** One or several webhook secrets, comma separated; undefined when one of them is blank or too short to be one. */
export function webhookSecretsIn(text: string): readonly string[] | undefined {
  const secrets = text.split(',').map((secret) => secret.trim())
  return secrets.some((secret) => secret.length < 8) ? undefined : secrets
}

/** What was entered in pages and is in force. */
export type Entered = Partial<Readonly<Record<EnteredName, string>>>

/**
 * The settings with what was entered in pages; the environment wins. Throws SettingsError when what was entered cannot be
 * used: whoever starts the program must hear of it, and never sell by other means instead.
 */
export function withEntered(given: Settings, entered: Entered): Settings {
  const isFixed = (name: FixedName) => given.fixed.includes(name)
  const key = isFixed('STRIPE_SECRET_KEY') ? undefined : entered.STRIPE_SECRET_KEY
  const secrets = isFixed('STRIPE_WEBHOOK_SECRET') ? undefined : entered.STRIPE_WEBHOOK_SECRET
  const base: Settings['stripe'] = key === undefined ? given.stripe : stripeOf(key)
  const stripe =
    base.mode === 'rehearsal' || secrets === undefined
      ? base
      : { ...base, webhookSecrets: webhookSecretsIn(secrets) ?? [] }
  if (isLiveElsewhere(stripe.mode, given.stripeApiBase))
    throw new SettingsError(
      'A live key was entered in the pages, but STRIPE_API_BASE points to another backend. ' +
        'Real money and a sandbox must not meet: remove STRIPE_API_BASE.',
    )
  return {
    ...given,
    stripe,
    smtpUrl: given.smtpUrl ?? entered.SMTP_URL,
    mailFrom: given.mailFrom ?? entered.MAIL_FROM,
    stripeCallsPerSecond: isFixed('STRIPE_CALLS_PER_SECOND')
      ? given.stripeCallsPerSecond
      : key === undefined
        ? given.stripeCallsPerSecond
        : callsPerSecond[stripe.mode],
  }
}

function stripeOf(secretKey: string): Settings['stripe'] {
  const mode = modeOfKey(secretKey)
  if (!mode) throw new SettingsError('The Stripe key that was entered in the pages is none.')
  return { mode, secretKey, webhookSecrets: [] }
}

/** A variable that is set but blank is a mistake worth stopping for, not an absent one. */
function given(environment: Environment, name: string): string | undefined {
  const value = environment[name]
  if (value === undefined) return undefined
  if (value.trim() === '') {
    throw new SettingsError(`${name} is set but blank. Give it a value or remove it.`)
  }
  return value.trim()
}

/** Creates the folder when it is missing; only its owner may look into it. */
function usableFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    return folder
  } catch (error) {
    throw new SettingsError(
      `The data folder ${folder} cannot be used (${(error as NodeJS.ErrnoException).code}). ` +
        'Let this user read and write it, or set DATA_DIR to another folder.',
    )
  }
}

function wholeNumber(
  environment: Environment,
  name: string,
  fallback: number,
  least: number,
  most: number,
) {
  const value = given(environment, name)
  if (value === undefined) return fallback
  const number = Number(value)
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new SettingsError(
      `${name} must be a whole number from ${least} to ${most}, not "${value}".`,
    )
  }
  return number
}

function readUrl(
  environment: Environment,
  name: string,
  protocols: readonly string[],
): string | undefined {
  const value = given(environment, name)
  if (value === undefined) return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !protocols.includes(url.protocol)) {
    throw new SettingsError(
      `${name} must start with ${protocols.map((p) => `${p}//`).join(' or ')}.`,
    )
  }
  return value
}

function readOrigin(environment: Environment, port: number): string {
  const value = readUrl(environment, 'ORIGIN', ['http:', 'https:'])
  if (value === undefined) return `http://localhost:${port}`
  const url = new URL(value)
  if (url.pathname !== '/' || url.search || url.hash || url.username) {
    throw new SettingsError(
      `ORIGIN is the public address alone, such as https://shop.example, not "${value}".`,
    )
  }
  return url.origin
}

function readStripe(environment: Environment): Settings['stripe'] {
  const secretKey = given(environment, 'STRIPE_SECRET_KEY')
  const secrets = given(environment, 'STRIPE_WEBHOOK_SECRET')
  if (!secretKey) {
    if (secrets) {
      throw new SettingsError(
        'STRIPE_WEBHOOK_SECRET is set without STRIPE_SECRET_KEY. Set both, or neither for rehearsal mode.',
      )
    }
    return { mode: 'rehearsal' }
  }
  const mode = modeOfKey(secretKey)
  if (!mode) {
    throw new SettingsError(
      'STRIPE_SECRET_KEY must look like sk_test_... or sk_live_... (or rk_...).',
    )
  }
  const webhookSecrets = secrets === undefined ? [] : webhookSecretsIn(secrets)
  if (!webhookSecrets) {
    throw new SettingsError(
      'STRIPE_WEBHOOK_SECRET holds a blank or very short secret. An empty secret would let anybody forge a payment.',
    )
  }
  return { mode, secretKey, webhookSecrets }
}

function readMetricsToken(environment: Environment): string | undefined {
  const value = given(environment, 'METRICS_TOKEN')
  if (value !== undefined && value.length < 16)
    throw new SettingsError('METRICS_TOKEN must have at least 16 characters.')
  return value
}

function readStorageUrl(environment: Environment, dataDir: string): string {
  const value = given(environment, 'STORAGE_URL')
  if (value === undefined) return `file:${path.join(dataDir, 'files')}`
  try {
    const address = readStorageAddress(value)
    return address.kind === 'disk' ? `file:${address.folder}` : value
  } catch (error) {
    if (error instanceof StorageAddressError) throw new SettingsError(error.message)
    throw error
  }
}

function readSecret(environment: Environment, dataDir: string): string {
  const value = given(environment, 'SUNDRY_SECRET')
  if (value !== undefined) {
    if (value.length < 32)
      throw new SettingsError('SUNDRY_SECRET must have at least 32 characters.')
    return value
  }
  const file = path.join(dataDir, 'secret')
  // Nothing is put into a folder that a restore has not finished with: it would not be empty any more.
  if (existsSync(path.join(dataDir, restoringFolder)))
    throw new SettingsError(brokenRestore(dataDir))
  if (!existsSync(file)) {
    try {
      // 'wx': of two processes that start at once, one writes and both read the same secret.
      writeFileSync(file, randomBytes(32).toString('base64url') + '\n', { mode: 0o600, flag: 'wx' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  const secret = readFileSync(file, 'utf8').trim()
  if (secret.length < 32)
    throw new SettingsError(`${file} does not hold a secret any more. Restore it from your backup.`)
  return secret
}
