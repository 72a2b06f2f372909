import { beforeAll, expect, test } from 'vitest'
import { Authenticator, type Forgery } from '../../../../test/authenticator.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import {
  actorIn,
  codeMailedTo,
  mailsTo,
  newBrowser,
  setUpOwner,
  signUp,
  type TestBrowser,
} from '../../../../test/people.ts'
import type { MemberActor } from '../types.ts'
import { db, inTransaction, runtime } from '#modules/platform/server/index.ts'
import { provideRuntime } from '#server/runtime.ts'
import {
  actorOf,
  addPasskey,
  askForNewPasskey,
  askForPasskey,
  checkNewPasskey,
  checkPasskey,
  doSecondStep,
  factorsOf,
  halfSignIn,
  removePasskey,
  renamePasskey,
  requestSignInCode,
  requireFreshProof,
  signInByCode,
  signInByPasskey,
  sweepAccounts,
  takeNewPasskeyAnswer,
  takePasskeyAnswer,
  writeHalfCookie,
  writeSessionCookie,
  type ChallengeScope,
} from './index.ts'

const origin = 'https://shop.example'

useDatabase()
emptyBeforeEach()
beforeAll(() => {
  provideRuntime({ ...runtime(), settings: { ...runtime().settings, origin } })
})

const anna = 'anna@example.com'
const minute = 60_000
const signInScope: ChallengeScope = { purpose: 'sign_in' }

const proof = (actor: MemberActor) =>
  requireFreshProof({ locals: { actor }, url: new URL(`${origin}/`) }, 'factors')

async function register(
  actor: MemberActor,
  authenticator: Authenticator,
  { name = 'Phone', forged = {} }: { name?: string; forged?: Forgery } = {},
) {
  const fresh = await proof(actor)
  const options = await inTransaction((tx) => askForNewPasskey(tx, fresh, 'Mara’s shop'))
  if (!options) throw new Error('This shop takes passkeys.')
  const sent = authenticator.create(options, forged)
  const taken = await inTransaction((tx) => takeNewPasskeyAnswer(tx, sent, fresh))
  const passkey = taken && (await checkNewPasskey(taken))
  return passkey && inTransaction((tx) => addPasskey(tx, fresh, passkey, name))
}

async function challenge(scope: ChallengeScope) {
  const options = await inTransaction((tx) => askForPasskey(tx, scope))
  if (!options) throw new Error('This shop takes passkeys.')
  return options
}

/** Hands in an answer; gives the proof, or nothing. */
async function answer(sent: string, scope: ChallengeScope) {
  const taken = await inTransaction((tx) => takePasskeyAnswer(tx, sent, scope))
  return taken && checkPasskey(db(), taken)
}

async function signIn(authenticator: Authenticator, forged: Forgery = {}) {
  const signed = await answer(authenticator.sign(await challenge(signInScope), forged), signInScope)
  const browser = newBrowser()
  const session =
    signed && (await inTransaction((tx) => signInByPasskey(tx, signed, browser.visitor())))
  if (session) writeSessionCookie(browser, session.token)
  return session && browser
}

async function firstStep(email: string): Promise<TestBrowser> {
  const browser = newBrowser()
  const requestId = await inTransaction((tx) =>
    requestSignInCode(tx, { email, nextPath: undefined }),
  )
  const code = await codeMailedTo(email)
  const result = await inTransaction((tx) =>
    signInByCode(tx, { requestId, code }, browser.visitor()),
  )
  if (!result.ok || result.step !== 'second') throw new Error('No second step was asked for.')
  writeHalfCookie(browser, result.half.token)
  return browser
}

async function scopeOf(browser: TestBrowser): Promise<ChallengeScope> {
  const half = await halfSignIn(db(), browser)
  if (!half) throw new Error('Nobody is half in.')
  return { purpose: 'second_step', memberId: half.memberId, halfSignInId: half.id }
}

test('a passkey is registered with its flags and signs in without any address', async () => {
  const { actor } = await signUp(anna)
  const authenticator = new Authenticator(origin)
  expect(await register(actor, authenticator)).toMatchObject({ ok: true })
  expect(await factorsOf(db(), actor)).toMatchObject({
    passkeys: [{ name: 'Phone', isBackedUp: true, lastUsedAt: undefined }],
    codesLeft: 10,
  })
  const stored = await db().selectFrom('passkey').selectAll().executeTakeFirstOrThrow()
  expect(stored).toMatchObject({ may_be_backed_up: true, transports: ['internal'], counter: 1 })
  const browser = await signIn(authenticator)
  if (!browser) throw new Error('The passkey was right.')
  expect((await actorIn(browser)).email).toBe(anna)
  expect((await factorsOf(db(), actor)).passkeys[0]?.lastUsedAt).toBeDefined()
})

test('authenticators that do not count sign in again and again', async () => {
  const { actor } = await signUp(anna)
  const authenticator = new Authenticator(origin, false)
  await register(actor, authenticator)
  expect(await signIn(authenticator)).toBeDefined()
  expect(await signIn(authenticator)).toBeDefined()
})

test('several can be registered, renamed and removed; one that is known is not taken twice', async () => {
  const { actor } = await signUp(anna)
  const phone = new Authenticator(origin)
  const key = new Authenticator(origin)
  await register(actor, phone)
  expect(await register(actor, key, { name: 'Key' })).toEqual({
    ok: true,
    recoveryCodes: undefined,
  })
  const [first, second] = (await factorsOf(db(), actor)).passkeys
  expect([first?.name, second?.name]).toEqual(['Phone', 'Key'])
  expect(await inTransaction((tx) => renamePasskey(tx, actor, first?.id ?? '', 'Old phone'))).toBe(
    true,
  )
  const fresh = await proof(actor)
  // The browser is told which ones are known; an authenticator that does not care meets the database.
  const options = await inTransaction((tx) => askForNewPasskey(tx, fresh, 'Shop'))
  expect(options?.excludeCredentials).toHaveLength(2)
  const known = await db().selectFrom('passkey').selectAll().executeTakeFirstOrThrow()
  const again = {
    credentialId: known.credential_id,
    publicKey: new Uint8Array(known.public_key),
    counter: 0,
    transports: [],
    mayBeBackedUp: false,
    isBackedUp: false,
  }
  expect(await inTransaction((tx) => addPasskey(tx, fresh, again, 'Copy'))).toEqual({
    ok: false,
    reason: 'known',
  })
  expect(await inTransaction((tx) => removePasskey(tx, fresh, first?.id ?? ''))).toBe(true)
  expect(await signIn(phone)).toBeUndefined()
  expect(await signIn(key)).toBeDefined()
  const templates = (await mailsTo(anna)).map((mail) => mail.template)
  expect(templates.filter((name) => name === 'alarm_factor_added')).toHaveLength(2)
  expect(templates).toContain('alarm_factor_removed')
})

test('nobody renames or removes a passkey of somebody else', async () => {
  const owner = await setUpOwner()
  await register(owner.actor, new Authenticator(origin))
  const mallory = await signUp('mallory@example.com')
  const [passkey] = (await factorsOf(db(), owner.actor)).passkeys
  const id = passkey?.id ?? ''
  expect(await inTransaction((tx) => renamePasskey(tx, mallory.actor, id, 'Mine'))).toBe(false)
  const fresh = await proof(mallory.actor)
  expect(await inTransaction((tx) => removePasskey(tx, fresh, id))).toBe(false)
  expect((await factorsOf(db(), owner.actor)).passkeys).toMatchObject([{ name: 'Phone' }])
})

test.each<[string, Forgery]>([
  ['from another origin', { origin: 'https://shop.example.evil.test' }],
  ['from the same name without TLS', { origin: 'http://shop.example' }],
  ['for another relying party', { rpId: 'evil.test' }],
  ['without the person being verified', { isVerified: false }],
  ['of the wrong kind', { type: 'webauthn.get' }],
  ['to a challenge of its own', { challenge: 'A'.repeat(43) }],
])('a new passkey %s is refused', async (_, forged) => {
  const { actor } = await signUp(anna)
  expect(await register(actor, new Authenticator(origin), { forged })).toBeUndefined()
  expect((await factorsOf(db(), actor)).passkeys).toEqual([])
})

test.each<[string, Forgery]>([
  ['from another origin', { origin: 'https://shop.example.evil.test' }],
  ['from another port', { origin: 'https://shop.example:8443' }],
  ['for another relying party', { rpId: 'evil.test' }],
  ['without the person being verified', { isVerified: false }],
  ['of the wrong kind', { type: 'webauthn.create' }],
  ['to a challenge of its own', { challenge: 'A'.repeat(43) }],
  ['with a spoiled signature', { spoilsSignature: true }],
  ['with a counter that stands still', { counter: 1 }],
  ['with a counter that went back', { counter: 0 }],
  ['that names no member', { userHandle: undefined }],
  ['that names another member', { userHandle: Buffer.alloc(16).toString('base64url') }],
])('a signature %s signs nobody in', async (_, forged) => {
  const { actor } = await signUp(anna)
  const authenticator = new Authenticator(origin)
  await register(actor, authenticator)
  expect(await signIn(authenticator, forged)).toBeUndefined()
  // The right one still does.
  expect(await signIn(authenticator)).toBeDefined()
})

test('another passkey’s key under this one’s name signs nobody in', async () => {
  const owner = await setUpOwner()
  const ownersKey = new Authenticator(origin)
  await register(owner.actor, ownersKey)
  const mallory = await signUp('mallory@example.com')
  const mallorysKey = new Authenticator(origin)
  await register(mallory.actor, mallorysKey)
  const key = mallorysKey.passkeys[0]?.privateKey
  if (!key) throw new Error('There is a key.')
  expect(await signIn(ownersKey, { key })).toBeUndefined()
})

test('an answer counts once, also when it was wrong, and only for six minutes', async () => {
  const { actor } = await signUp(anna)
  const authenticator = new Authenticator(origin, false)
  await register(actor, authenticator)
  const sent = authenticator.sign(await challenge(signInScope))
  expect(await answer(sent, signInScope)).toBeDefined()
  expect(await answer(sent, signInScope)).toBeUndefined()

  const options = await challenge(signInScope)
  expect(await answer(authenticator.sign(options, { spoilsSignature: true }), signInScope)).toBe(
    undefined,
  )
  expect(await answer(authenticator.sign(options), signInScope)).toBeUndefined()

  const late = authenticator.sign(await challenge(signInScope))
  await passTime(6 * minute)
  expect(await answer(late, signInScope)).toBeUndefined()
  await challenge(signInScope)
  await passTime(6 * minute)
  expect(await inTransaction(sweepAccounts)).toMatchObject({ passkey_challenge: 1 })
})

test('the same answer handed in twice at once signs in once', async () => {
  const { actor } = await signUp(anna)
  const authenticator = new Authenticator(origin)
  await register(actor, authenticator)
  const sent = authenticator.sign(await challenge(signInScope))
  const results = await Promise.all([1, 2, 3].map(() => answer(sent, signInScope)))
  expect(results.filter((result) => result !== undefined)).toHaveLength(1)
})

test('of two signatures with the same count, checked at once, one counts: the other is a copy’s', async () => {
  const { actor } = await signUp(anna)
  const authenticator = new Authenticator(origin)
  await register(actor, authenticator)
  const proofs = []
  for (const options of [await challenge(signInScope), await challenge(signInScope)])
    proofs.push(await answer(authenticator.sign(options, { counter: 7 }), signInScope))
  const results = await Promise.all(
    proofs.map(
      async (one) => one && inTransaction((tx) => signInByPasskey(tx, one, newBrowser().visitor())),
    ),
  )
  expect(results.filter((result) => result !== undefined)).toHaveLength(1)
})

test('a passkey is the second step, too, for its own half sign-in alone', async () => {
  const { actor } = await signUp(anna)
  const authenticator = new Authenticator(origin)
  await register(actor, authenticator)
  const browser = await firstStep(anna)
  const other = await firstStep(anna)
  const scope = await scopeOf(browser)
  const options = await challenge(scope)
  expect(options.allowCredentials).toHaveLength(1)

  // The challenge of one half sign-in is worth nothing in another, and is used up by the try.
  const sent = authenticator.sign(options)
  expect(await answer(sent, await scopeOf(other))).toBeUndefined()
  expect(await answer(sent, scope)).toBeUndefined()

  const signed = await answer(authenticator.sign(await challenge(scope)), scope)
  if (!signed) throw new Error('The passkey was right.')
  const second = (at: TestBrowser) =>
    inTransaction((tx) => doSecondStep(tx, at, { passkey: signed }, at.visitor()))
  expect(await second(other)).toEqual({ ok: false, reason: 'gone' })
  const result = await second(browser)
  if (!result.ok) throw new Error('The passkey was right.')
  writeSessionCookie(browser, result.session.token)
  expect((await actorIn(browser)).email).toBe(anna)
})

test('a signature made for signing in is no second step, and the other way round', async () => {
  const { actor } = await signUp(anna)
  const authenticator = new Authenticator(origin)
  await register(actor, authenticator)
  const browser = await firstStep(anna)
  const forSignIn = await answer(authenticator.sign(await challenge(signInScope)), signInScope)
  if (!forSignIn) throw new Error('The passkey was right.')
  expect(
    await inTransaction((tx) =>
      doSecondStep(tx, browser, { passkey: forSignIn }, browser.visitor()),
    ),
  ).toEqual({ ok: false, reason: 'gone' })
  const scope = await scopeOf(browser)
  const forSecond = await answer(authenticator.sign(await challenge(scope)), scope)
  if (!forSecond) throw new Error('The passkey was right.')
  expect(
    await inTransaction((tx) => signInByPasskey(tx, forSecond, newBrowser().visitor())),
  ).toBeUndefined()
})

test('a member’s passkey is no second step for the owner', async () => {
  const owner = await setUpOwner()
  await register(owner.actor, new Authenticator(origin))
  const mallory = await signUp('mallory@example.com')
  const mallorysKey = new Authenticator(origin)
  await register(mallory.actor, mallorysKey)
  const browser = await firstStep(owner.actor.email)
  const scope = await scopeOf(browser)
  const { challenge: text, rpId } = await challenge(scope)
  // An authenticator that ignores which passkeys were asked for.
  expect(await answer(mallorysKey.sign({ challenge: text, rpId }), scope)).toBeUndefined()
})

test('a passkey that was removed after it signed does not sign in', async () => {
  const { actor } = await signUp(anna)
  const authenticator = new Authenticator(origin)
  await register(actor, authenticator)
  const signed = await answer(authenticator.sign(await challenge(signInScope)), signInScope)
  const [passkey] = (await factorsOf(db(), actor)).passkeys
  const fresh = await proof(actor)
  await inTransaction((tx) => removePasskey(tx, fresh, passkey?.id ?? ''))
  if (!signed) throw new Error('It was right when it was checked.')
  const browser = newBrowser()
  expect(
    await inTransaction((tx) => signInByPasskey(tx, signed, browser.visitor())),
  ).toBeUndefined()
  expect(await actorOf(db(), browser)).toBeUndefined()
})

test('nonsense is no answer', async () => {
  const deep = JSON.stringify({ id: 'x', rawId: 'x', type: 'public-key', response: {} })
  for (const sent of ['', 'null', '[]', '{', deep, 'x'.repeat(60_001)])
    expect(await answer(sent, signInScope)).toBeUndefined()
})

test('a shop at an address where browsers allow none asks for no passkey', async () => {
  const before = runtime()
  provideRuntime({ ...before, settings: { ...before.settings, origin: 'http://192.0.2.7:3000' } })
  try {
    expect(await inTransaction((tx) => askForPasskey(tx, signInScope))).toBeUndefined()
  } finally {
    provideRuntime(before)
  }
})
