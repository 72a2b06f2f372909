import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readSettings, SettingsError, withEntered } from './settings.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-settings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const secret = 'a secret that is long enough to be one'
const read = (environment: Record<string, string | undefined> = {}) =>
  readSettings({ SUNDRY_SECRET: secret, ...environment }, folder)

/** The words somebody sees who starts the program with this environment. */
function refusal(environment: Record<string, string | undefined>): string {
  try {
    read(environment)
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
  return 'it started'
}

test('with nothing set it is a shop in rehearsal mode on this machine alone', () => {
  expect(read()).toEqual({
    port: 3000,
    host: '127.0.0.1',
    origin: 'http://localhost:3000',
    dataDir: path.join(folder, 'data'),
    databaseUrl: undefined,
    stripe: { mode: 'rehearsal' },
    stripeApiBase: undefined,
    smtpUrl: undefined,
    mailFrom: undefined,
    storageUrl: `file:${path.join(folder, 'data', 'files')}`,
    secret,
    backups: {
      folder: path.join(folder, 'data', 'backups'),
      everyHours: 1,
      keepHours: 24,
      keepDays: 7,
    },
    metricsToken: undefined,
    trustedProxies: 0,
    drainSeconds: 0,
    stripeCallsPerSecond: 25,
    fixed: [],
  })
})

describe('a variable that is set but blank stops the start and is named', () => {
  for (const name of [
    'PORT',
    'HOST',
    'ORIGIN',
    'DATA_DIR',
    'DATABASE_URL',
    'STRIPE_SECRET_KEY',
    'STRIPE_WEBHOOK_SECRET',
    'STRIPE_API_BASE',
    'SMTP_URL',
    'MAIL_FROM',
    'STORAGE_URL',
    'SUNDRY_SECRET',
    'TRUSTED_PROXIES',
    'DRAIN_SECONDS',
    'STRIPE_CALLS_PER_SECOND',
  ]) {
    test.each(['', '  ', '\t\n'])(`${name} as %j [payments 15]`, (blank) => {
      expect(refusal({ [name]: blank })).toBe(
        `${name} is set but blank. Give it a value or remove it.`,
      )
    })
  }
})

describe('what must not be guessed stops the start with words that say what to do', () => {
  const key = 'sk_test_51abcdefgh'
  test.each<[Record<string, string>, RegExp]>([
    [{ PORT: 'http' }, /PORT must be a whole number from 0 to 65535, not "http"/],
    [{ PORT: '-1' }, /PORT must be a whole number/],
    [{ PORT: '65536' }, /PORT must be a whole number/],
    [{ PORT: '30.5' }, /PORT must be a whole number/],
    [{ PORT: '1e3000' }, /PORT must be a whole number/],
    [{ TRUSTED_PROXIES: '11' }, /TRUSTED_PROXIES must be a whole number from 0 to 10/],
    [{ STRIPE_CALLS_PER_SECOND: '0' }, /STRIPE_CALLS_PER_SECOND must be a whole number from 1/],
    [{ ORIGIN: 'shop.example' }, /ORIGIN must start with http:\/\/ or https:\/\//],
    [{ ORIGIN: 'ftp://shop.example' }, /ORIGIN must start with/],
    [{ ORIGIN: 'https://shop.example/shop' }, /ORIGIN is the public address alone/],
    [{ ORIGIN: 'https://shop.example/?a=b' }, /ORIGIN is the public address alone/],
    [{ ORIGIN: 'https://me:pass@shop.example' }, /ORIGIN is the public address alone/],
    [{ ORIGIN: 'javascript:alert(1)' }, /ORIGIN must start with/],
    [{ DATABASE_URL: 'mysql://a/b' }, /DATABASE_URL must start with postgres:\/\//],
    [{ SMTP_URL: 'mail.example.com' }, /SMTP_URL must start with smtp:\/\//],
    [{ STRIPE_API_BASE: 'localhost:12111' }, /STRIPE_API_BASE must start with/],
    [{ STORAGE_URL: 's3://bucket' }, /STORAGE_URL names no keys/],
    [{ STORAGE_URL: 's3://KEY:@store.example/files' }, /secret key in STORAGE_URL is blank/],
    [{ STORAGE_URL: '/files' }, /STORAGE_URL must be file:/],
    [{ SUNDRY_SECRET: 'short' }, /SUNDRY_SECRET must have at least 32 characters/],
    [{ STRIPE_SECRET_KEY: 'pk_test_123' }, /STRIPE_SECRET_KEY must look like sk_test_/],
    [{ STRIPE_SECRET_KEY: 'sk_test_' }, /STRIPE_SECRET_KEY must look like/],
    [{ STRIPE_SECRET_KEY: 'sk_test_a b' }, /STRIPE_SECRET_KEY must look like/],
    [
      { STRIPE_WEBHOOK_SECRET: 'whsec_12345678' },
      /STRIPE_WEBHOOK_SECRET is set without STRIPE_SECRET_KEY/,
    ],
    [
      { STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: 'whsec_12345678,' },
      /An empty secret would let anybody forge a payment/,
    ],
    [
      { STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: ',whsec_12345678' },
      /holds a blank or very short secret/,
    ],
    [
      { STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: 'whsec_12345678, ,whsec_87654321' },
      /holds a blank or very short secret/,
    ],
    [{ STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: 'x' }, /blank or very short secret/],
    [
      { STRIPE_SECRET_KEY: 'sk_live_51abcdefgh', STRIPE_API_BASE: 'http://127.0.0.1:12111' },
      /Real money and a sandbox must not meet/,
    ],
    [
      {
        STRIPE_SECRET_KEY: 'rk_live_51abcdefgh',
        STRIPE_API_BASE: 'https://api.stripe.com.example',
      },
      /Real money and a sandbox must not meet/,
    ],
  ])('%j [payments 15]', (environment, words) => {
    expect(refusal(environment)).toMatch(words)
  })
})

describe('what is set is read', () => {
  test('a live key runs live, slower than Stripe would allow', () => {
    const settings = read({
      STRIPE_SECRET_KEY: ' sk_live_51abcdefgh ',
      STRIPE_WEBHOOK_SECRET: 'whsec_12345678',
    })
    expect(settings.stripe).toEqual({
      mode: 'live',
      secretKey: 'sk_live_51abcdefgh',
      webhookSecrets: ['whsec_12345678'],
    })
    expect(settings.stripeCallsPerSecond).toBe(10)
  })

  test('a live key may name its own backend', () => {
    const base = 'https://api.stripe.com'
    expect(read({ STRIPE_SECRET_KEY: 'sk_live_1', STRIPE_API_BASE: base }).stripeApiBase).toBe(base)
  })

  test('a key without a webhook secret means asking Stripe for events', () => {
    expect(read({ STRIPE_SECRET_KEY: 'rk_test_1' }).stripe).toEqual({
      mode: 'test',
      secretKey: 'rk_test_1',
      webhookSecrets: [],
    })
  })

  test('while a webhook secret is exchanged, both are good', () => {
    const { stripe } = read({
      STRIPE_SECRET_KEY: 'sk_test_1',
      STRIPE_WEBHOOK_SECRET: 'whsec_old12345 , whsec_new12345',
    })
    expect(stripe).toMatchObject({ webhookSecrets: ['whsec_old12345', 'whsec_new12345'] })
  })

  test('the public address is kept without its last slash', () => {
    expect(read({ ORIGIN: 'https://shop.example/' }).origin).toBe('https://shop.example')
    expect(read({ ORIGIN: 'https://SHOP.example:8443' }).origin).toBe('https://shop.example:8443')
    expect(read({ PORT: '4100' }).origin).toBe('http://localhost:4100')
  })

  test('folders may be relative to where it was started', () => {
    expect(read({ DATA_DIR: 'here' }).dataDir).toBe(path.join(folder, 'here'))
    expect(read({ STORAGE_URL: 'file:///srv/files' }).storageUrl).toBe('file:/srv/files')
    const bucket = 's3://KEY:secret@store.example/files'
    expect(read({ STORAGE_URL: bucket }).storageUrl).toBe(bucket)
  })
})

describe('the secret of the shop', () => {
  const own = (dataDir: string) => readSettings({ DATA_DIR: dataDir }, folder)

  test('is made at the first start, read by nobody else, and the same ever after', () => {
    const made = own('first')
    expect(made.secret.length).toBeGreaterThanOrEqual(32)
    expect(own('first').secret).toBe(made.secret)
    expect(own('second').secret).not.toBe(made.secret)
    expect(statSync(path.join(folder, 'first', 'secret')).mode & 0o077).toBe(0)
    expect(readFileSync(path.join(folder, 'first', 'secret'), 'utf8').trim()).toBe(made.secret)
  })

  test('is never made anew over a damaged one: that would end every session and link', () => {
    mkdirSync(path.join(folder, 'damaged'))
    writeFileSync(path.join(folder, 'damaged', 'secret'), '\n')
    expect(() => own('damaged')).toThrow(/does not hold a secret any more. Restore it/)
  })

  test('stops the start in words when its folder cannot be used', () => {
    const file = path.join(folder, 'a-file')
    writeFileSync(file, '')
    expect(() => own('a-file')).toThrow(SettingsError)
    expect(() => own('a-file')).toThrow(/DATA_DIR/)
  })
})

describe('what was entered in the pages', () => {
  const entered = {
    STRIPE_SECRET_KEY: 'sk_test_entered',
    STRIPE_WEBHOOK_SECRET: 'whsec_entered1,whsec_entered2',
    SMTP_URL: 'smtp://mail.example',
    MAIL_FROM: 'Shop <shop@mail.example>',
  }

  test('counts where the environment says nothing', () => {
    const settings = withEntered(read(), entered)
    expect(settings.stripe).toEqual({
      mode: 'test',
      secretKey: 'sk_test_entered',
      webhookSecrets: ['whsec_entered1', 'whsec_entered2'],
    })
    expect(settings).toMatchObject({
      smtpUrl: 'smtp://mail.example',
      mailFrom: 'Shop <shop@mail.example>',
      stripeCallsPerSecond: 3,
    })
  })

  test('gives way to the environment, one by one', () => {
    const given = read({ STRIPE_SECRET_KEY: 'sk_live_given', MAIL_FROM: 'given@example.com' })
    expect(given.fixed).toEqual(['STRIPE_SECRET_KEY', 'MAIL_FROM'])
    const settings = withEntered(given, entered)
    expect(settings.stripe).toMatchObject({ mode: 'live', secretKey: 'sk_live_given' })
    expect(settings.mailFrom).toBe('given@example.com')
    expect(settings.smtpUrl).toBe('smtp://mail.example')
    expect(settings.stripeCallsPerSecond).toBe(10)
  })

  test('a webhook secret without a key changes nothing', () => {
    expect(withEntered(read(), { STRIPE_WEBHOOK_SECRET: 'whsec_entered1' }).stripe).toEqual({
      mode: 'rehearsal',
    })
  })

  test('a live key is refused beside another backend [payments 15]', () => {
    const given = read({ STRIPE_API_BASE: 'http://127.0.0.1:9' })
    expect(() => withEntered(given, { STRIPE_SECRET_KEY: 'sk_live_entered' })).toThrow(
      /Real money and a sandbox must not meet/,
    )
  })
})
