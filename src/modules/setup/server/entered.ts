import type { OwnerActor } from '#modules/accounts/types.ts'
import { accountOfKey } from '#modules/payments/server/index.ts'
import {
  audit,
  overwrites,
  runtime,
  seal,
  unseal,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import { modeOfKey, type Entered, type Settings } from '#server/settings.ts'
import {
  keyRefusal,
  lastFour,
  mailServerOf,
  webhookRefusal,
  type KeyRefusal,
} from '../entering-rules.ts'
import type { KeysOverview, KeyState, SettingState } from '../types.ts'
import * as store from './store.ts'

/** What the environment alone says. */
export function givenSettings(): Settings {
  const { given, settings } = runtime()
  return given ?? settings
}

/** Thrown where keys that are in force cannot be opened any more: the shop must not quietly rehearse instead. */
export class UnreadableKeysError extends Error {
  override name = 'UnreadableKeysError'
}

/**
 * What was entered and is in force, opened. Keys count once the owner has gone live with them; mail from then on too: in a
 * rehearsal no mail leaves the shop. Throws UnreadableKeysError.
 */
export async function settingsInForce(db: Db): Promise<Entered> {
  const given = givenSettings()
  const [rows, state] = await Promise.all([store.storedSettings(db), store.setupState(db)])
  const isKeyFixed = given.fixed.includes('STRIPE_SECRET_KEY')
  const key = state.usesKeys && !isKeyFixed ? opened(rows, 'STRIPE_SECRET_KEY') : undefined
  if (state.usesKeys && !isKeyFixed && key === undefined)
    throw new UnreadableKeysError(
      'The Stripe key that was entered in the pages cannot be opened: SUNDRY_SECRET (or the file "secret" in the data folder) ' +
        'is another than when it was entered. Put the former one back, or set STRIPE_SECRET_KEY.',
    )
  const keyUsed = isKeyFixed
    ? given.stripe.mode === 'rehearsal'
      ? undefined
      : given.stripe.secretKey
    : key
  if (keyUsed === undefined) return {}
  const webhook = opened(rows, 'STRIPE_WEBHOOK_SECRET', homeOfKey(keyUsed))
  const smtp = opened(rows, 'SMTP_URL')
  const from = opened(rows, 'MAIL_FROM')
  return {
    ...(key === undefined ? {} : { STRIPE_SECRET_KEY: key }),
    ...(webhook === undefined ? {} : { STRIPE_WEBHOOK_SECRET: webhook }),
    ...(smtp === undefined ? {} : { SMTP_URL: smtp }),
    ...(from === undefined ? {} : { MAIL_FROM: from }),
  }
}

function opened(
  rows: readonly store.StoredSetting[],
  name: store.StoredName,
  belongsTo = '',
): string | undefined {
  const row = rows.find((one) => one.name === name && one.belongsTo === belongsTo)
  return row && unseal(purpose(name, belongsTo), row.sealed)
}

function purpose(name: store.StoredName, belongsTo: string): string {
  // A key keeps its seal when it comes into force.
  const kind = name === 'WAITING_STRIPE_SECRET_KEY' ? 'STRIPE_SECRET_KEY' : name
  return `shop setting ${kind} ${belongsTo}`
}

/** Mode and account of a key: what its webhook secret belongs to. */
export function homeOfKey(key: string): string {
  return `${modeOfKey(key) ?? 'no'} ${accountOfKey(key)}`
}

/** How the shop is connected to Stripe, without a secret. */
export async function keysOverview(db: Db): Promise<KeysOverview> {
  const given = givenSettings()
  const { settings } = runtime()
  const [rows, state] = await Promise.all([store.storedSettings(db), store.setupState(db)])
  const isKeyFixed = given.fixed.includes('STRIPE_SECRET_KEY')
  const stateOf = (name: store.StoredName): KeyState | undefined => {
    const row = rows.find((one) => one.name === name)
    if (!row) return undefined
    const key = opened(rows, name)
    return keyState(key, { hint: row.hint, isFixed: false, rows })
  }
  const entered = isKeyFixed ? undefined : stateOf('STRIPE_SECRET_KEY')
  const inForce =
    isKeyFixed && given.stripe.mode !== 'rehearsal'
      ? keyState(given.stripe.secretKey, {
          hint: lastFour(given.stripe.secretKey),
          isFixed: true,
          rows,
        })
      : state.usesKeys
        ? entered
        : undefined
  return {
    mode: settings.stripe.mode,
    inForce,
    waiting: isKeyFixed
      ? undefined
      : (stateOf('WAITING_STRIPE_SECRET_KEY') ?? (state.usesKeys ? undefined : entered)),
    isKeyFixed,
    isWebhookFixed: given.fixed.includes('STRIPE_WEBHOOK_SECRET'),
    checkedAt: state.keysCheckedAt,
  }
}

function keyState(
  key: string | undefined,
  told: { hint: string; isFixed: boolean; rows: readonly store.StoredSetting[] },
): KeyState {
  const home = key === undefined ? undefined : homeOfKey(key)
  const given = givenSettings()
  return {
    hint: told.hint,
    isFixed: told.isFixed,
    isUnreadable: key === undefined,
    mode: (key === undefined ? undefined : modeOfKey(key)) ?? 'test',
    account: key === undefined ? '' : accountOfKey(key),
    hasWebhook:
      given.fixed.includes('STRIPE_WEBHOOK_SECRET') ||
      told.rows.some((row) => row.name === 'STRIPE_WEBHOOK_SECRET' && row.belongsTo === home),
  }
}

export type EnterKeyResult =
  | { readonly ok: true; readonly waits: boolean }
  | { readonly ok: false; readonly reason: KeyRefusal | 'fixed' }

/**
 * Stores a secret key. One of the same account and mode as the key in force takes its place at once; any other waits until the
 * owner goes live with it. On record without the key.
 */
export async function enterKey(tx: Tx, owner: OwnerActor, typed: string): Promise<EnterKeyResult> {
  const given = givenSettings()
  const key = typed.trim()
  if (given.fixed.includes('STRIPE_SECRET_KEY')) return { ok: false, reason: 'fixed' }
  const refused = keyRefusal(key, given.stripeApiBase)
  if (refused) return { ok: false, reason: refused }
  const state = await store.lockSetup(tx)
  const rows = await store.storedSettings(tx)
  const inForce = state.usesKeys ? opened(rows, 'STRIPE_SECRET_KEY') : undefined
  if (await store.hasLiveMoney(tx)) {
    if (modeOfKey(key) === 'test') return { ok: false, reason: 'test_after_live' }
    const account = await store.accountOfLiveMoney(tx)
    if (account !== undefined && account !== accountOfKey(key))
      return { ok: false, reason: 'other_account' }
  }
  const waits = state.usesKeys && inForce !== undefined && homeOfKey(inForce) !== homeOfKey(key)
  const name = waits ? 'WAITING_STRIPE_SECRET_KEY' : 'STRIPE_SECRET_KEY'
  await store.putSetting(tx, { name, sealed: seal(purpose(name, ''), key), hint: lastFour(key) })
  if (!waits) await store.dropSetting(tx, 'WAITING_STRIPE_SECRET_KEY')
  await store.markKeysChecked(tx, false)
  await onRecord(tx, owner, 'setting.entered', 'STRIPE_SECRET_KEY', {
    ends: lastFour(key),
    mode: modeOfKey(key) ?? '',
  })
  return { ok: true, waits: waits || !state.usesKeys }
}

/** Takes out the key that waits. The one in force stays: a shop does not fall back into a rehearsal by a slip of the hand. */
export async function dropWaitingKey(tx: Tx, owner: OwnerActor): Promise<boolean> {
  const state = await store.lockSetup(tx)
  const gone =
    (await store.dropSetting(tx, 'WAITING_STRIPE_SECRET_KEY')) ||
    (!state.usesKeys && (await store.dropSetting(tx, 'STRIPE_SECRET_KEY')))
  if (gone) await onRecord(tx, owner, 'setting.removed', 'STRIPE_SECRET_KEY', {})
  return gone
}

/** The key the owner works on: the one that waits, else the one in force. For a check at Stripe; never shown. */
export async function keyToCheck(
  db: Db,
): Promise<{ readonly key: string; readonly base: string | undefined } | undefined> {
  const given = givenSettings()
  const base = given.stripeApiBase
  if (given.fixed.includes('STRIPE_SECRET_KEY'))
    return given.stripe.mode === 'rehearsal' ? undefined : { key: given.stripe.secretKey, base }
  const rows = await store.storedSettings(db)
  const key = opened(rows, 'WAITING_STRIPE_SECRET_KEY') ?? opened(rows, 'STRIPE_SECRET_KEY')
  return key === undefined ? undefined : { key, base }
}

export type EnterWebhookResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly words: string }

/** Stores the webhook secret (one or several, comma separated) of the key the owner works on. */
export async function enterWebhookSecret(
  tx: Tx,
  owner: OwnerActor,
  typed: string,
): Promise<EnterWebhookResult> {
  const text = typed.trim()
  if (givenSettings().fixed.includes('STRIPE_WEBHOOK_SECRET'))
    return { ok: false, words: 'STRIPE_WEBHOOK_SECRET stands in the environment; change it there.' }
  const refused = webhookRefusal(text)
  if (refused) return { ok: false, words: refused }
  await store.lockSetup(tx)
  const known = await keyToCheck(tx)
  if (!known)
    return { ok: false, words: 'Enter the secret key first: a webhook secret alone is of no use.' }
  const name = 'STRIPE_WEBHOOK_SECRET'
  const belongsTo = homeOfKey(known.key)
  const sealed = seal(purpose(name, belongsTo), text)
  await store.putSetting(tx, { name, belongsTo, sealed, hint: lastFour(text) })
  await onRecord(tx, owner, 'setting.entered', name, { ends: lastFour(text) })
  return { ok: true }
}

/** Polling only from now on: the webhook answers 503. */
export async function dropWebhookSecret(tx: Tx, owner: OwnerActor): Promise<boolean> {
  await store.lockSetup(tx)
  const known = await keyToCheck(tx)
  if (!known) return false
  const gone = await store.dropSetting(tx, 'STRIPE_WEBHOOK_SECRET', homeOfKey(known.key))
  if (gone) await onRecord(tx, owner, 'setting.removed', 'STRIPE_WEBHOOK_SECRET', {})
  return gone
}

/** Notes whether Stripe took the key. */
export async function noteKeyCheck(tx: Tx, isGood: boolean): Promise<void> {
  await store.lockSetup(tx)
  await store.markKeysChecked(tx, isGood)
}

export interface MailOverview {
  readonly server: SettingState & {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly hasPassword: boolean
  }
  readonly from: SettingState & { readonly text: string }
  readonly testedAt: Date | undefined
  readonly testedTo: string | undefined
}

export async function mailOverview(db: Db): Promise<MailOverview> {
  const given = givenSettings()
  const [rows, state] = await Promise.all([store.storedSettings(db), store.setupState(db)])
  const url = given.smtpUrl ?? opened(rows, 'SMTP_URL')
  const from = given.mailFrom ?? opened(rows, 'MAIL_FROM')
  const stored = (name: store.StoredName) => rows.find((row) => row.name === name)
  const server = serverIn(url)
  return {
    server: {
      ...server,
      hasPassword: url !== undefined && new URL(url).password !== '',
      isFixed: given.fixed.includes('SMTP_URL'),
      hint: url === undefined ? undefined : server.host,
      isUnreadable: url === undefined && stored('SMTP_URL') !== undefined,
    },
    from: {
      text: from ?? '',
      isFixed: given.fixed.includes('MAIL_FROM'),
      hint: from,
      isUnreadable: from === undefined && stored('MAIL_FROM') !== undefined,
    },
    testedAt: state.mailTestedAt,
    testedTo: state.mailTestedTo,
  }
}

/** The mail server and sender as they would be used: for a test mail. undefined: no server is known. */
export async function mailToTest(
  db: Db,
): Promise<{ readonly smtpUrl: string; readonly from: string | undefined } | undefined> {
  const given = givenSettings()
  const rows = await store.storedSettings(db)
  const smtpUrl = given.smtpUrl ?? opened(rows, 'SMTP_URL')
  return smtpUrl === undefined
    ? undefined
    : { smtpUrl, from: given.mailFrom ?? opened(rows, 'MAIL_FROM') }
}

const serverIn = (url: string | undefined) =>
  url === undefined ? { host: '', port: 587, user: '' } : mailServerOf(url)

/** What the form about mail shows; seenMark() of it goes along with the form. */
export function shownMail({ server, from }: MailOverview) {
  return { host: server.host, port: String(server.port), user: server.user, from: from.text }
}

/** Stores what of the two is not in the environment. seen: the form's mark. false: somebody else changed it since. */
export async function enterMail(
  tx: Tx,
  owner: OwnerActor,
  input: { readonly smtpUrl: string; readonly from: string },
  seen?: string,
): Promise<boolean> {
  const given = givenSettings()
  await store.lockSetup(tx)
  const next = { ...serverIn(input.smtpUrl || undefined), from: input.from }
  const shown = { ...next, port: String(next.port) }
  if (overwrites(seen, shownMail(await mailOverview(tx)), shown)) return false
  const put = async (name: 'SMTP_URL' | 'MAIL_FROM', text: string, hint: string) => {
    if (given.fixed.includes(name)) return
    if (text === '') await store.dropSetting(tx, name)
    else await store.putSetting(tx, { name, sealed: seal(purpose(name, ''), text), hint })
    await onRecord(tx, owner, text === '' ? 'setting.removed' : 'setting.entered', name, { hint })
  }
  await put(
    'SMTP_URL',
    input.smtpUrl,
    input.smtpUrl === '' ? '' : new URL(input.smtpUrl).hostname.slice(0, 200),
  )
  await put('MAIL_FROM', input.from, input.from.slice(0, 200))
  await store.markMailTested(tx, undefined)
  return true
}

async function onRecord(
  tx: Tx,
  owner: OwnerActor,
  action: string,
  name: string,
  detail: Record<string, string>,
): Promise<void> {
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action,
    subject: { kind: 'setting', id: name },
    detail,
  })
}

/** Notes a test mail: to whom it left, or that none did. */
export async function noteMailTest(tx: Tx, to: string | undefined): Promise<void> {
  await store.lockSetup(tx)
  await store.markMailTested(tx, to)
}
