import { expect, test } from 'vitest'
import { AuthenticatorApp } from '../../../../test/authenticator-app.ts'
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
import { db, inTransaction } from '#modules/platform/server/index.ts'
import {
  actorOf,
  beginApp,
  confirmApp,
  doSecondStep,
  factorsOf,
  halfSignIn,
  ownerOnly,
  pendingApp,
  provePassword,
  removeApp,
  renewRecoveryCodes,
  requestSignInCode,
  requireFreshProof,
  signInByCode,
  signInByPassword,
  sweepAccounts,
  writeHalfCookie,
  writeSessionCookie,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const anna = 'anna@example.com'
const minute = 60_000

/** Just signed in, so nothing more is asked. */
const proof = (actor: MemberActor) =>
  requireFreshProof({ locals: { actor }, url: new URL('http://shop.test/') }, 'factors')

async function giveApp(actor: MemberActor) {
  const fresh = await proof(actor)
  expect(await inTransaction((tx) => beginApp(tx, fresh))).toBe(true)
  const pending = await pendingApp(db(), fresh, 'Mara’s shop')
  if (!pending) throw new Error('No app was begun.')
  const app = new AuthenticatorApp(pending.secret)
  const added = await inTransaction(async (tx) => confirmApp(tx, fresh, await app.code()))
  if (!added.ok) throw new Error(`The app was not taken: ${added.reason}`)
  return { app, codes: added.recoveryCodes ?? [] }
}

/** The first step with a mailed code, in a browser of its own; nothing is open after it. */
async function firstStep(email: string, browser = newBrowser()): Promise<TestBrowser> {
  const requestId = await inTransaction((tx) =>
    requestSignInCode(tx, { email, nextPath: '/dashboard/receipts' }),
  )
  const code = await codeMailedTo(email)
  const result = await inTransaction((tx) =>
    signInByCode(tx, { requestId, code }, browser.visitor()),
  )
  if (!result.ok || result.step !== 'second') throw new Error('No second step was asked for.')
  writeHalfCookie(browser, result.half.token)
  return browser
}

const secondStep = (browser: TestBrowser, code: string) =>
  inTransaction((tx) => doSecondStep(tx, browser, { code }, browser.visitor()))

const audits = async () =>
  (await db().selectFrom('audit_entry').select('action').orderBy('id').execute()).map(
    (row) => row.action,
  )

test('an app counts once a code confirmed it; its secret is stored sealed, codes as digests', async () => {
  const { actor } = await signUp(anna)
  const fresh = await proof(actor)
  await inTransaction((tx) => beginApp(tx, fresh))
  const pending = await pendingApp(db(), fresh, 'Mara’s shop')
  const app = new AuthenticatorApp(pending?.secret ?? '')
  const wrong = app.wrongCode()
  expect(await inTransaction((tx) => confirmApp(tx, fresh, wrong))).toEqual({
    ok: false,
    reason: 'wrong',
  })
  expect((await factorsOf(db(), actor)).app).toBeUndefined()
  // Unconfirmed, it asks nobody for anything.
  expect((await signUp(anna)).result).toMatchObject({ step: 'done' })

  const code = await app.code()
  const added = await inTransaction((tx) => confirmApp(tx, fresh, code))
  expect(added).toMatchObject({ ok: true })
  expect(await factorsOf(db(), actor)).toMatchObject({ passkeys: [], codesLeft: 10 })
  expect((await factorsOf(db(), actor)).app).toBeDefined()
  expect(await pendingApp(db(), fresh, 'Mara’s shop')).toBeUndefined()
  expect(await inTransaction((tx) => beginApp(tx, fresh))).toBe(false)
  const stored = JSON.stringify([
    await db().selectFrom('totp_factor').selectAll().execute(),
    await db().selectFrom('recovery_code').selectAll().execute(),
  ])
  expect(stored).not.toContain(pending?.secret.replaceAll(' ', ''))
  if (added.ok)
    for (const one of added.recoveryCodes ?? [])
      expect(stored).not.toContain(one.replaceAll('-', ''))
})

test('a secret that was begun half an hour ago is worth nothing any more, and one begun anew replaces it', async () => {
  const { actor } = await signUp(anna)
  const fresh = await proof(actor)
  await inTransaction((tx) => beginApp(tx, fresh))
  const first = await pendingApp(db(), fresh, 'Shop')
  await passTime(31 * minute)
  expect(await pendingApp(db(), fresh, 'Shop')).toBeUndefined()
  const code = await new AuthenticatorApp(first?.secret ?? '').code()
  expect(await inTransaction((tx) => confirmApp(tx, fresh, code))).toEqual({
    ok: false,
    reason: 'gone',
  })
  await inTransaction((tx) => beginApp(tx, fresh))
  expect((await pendingApp(db(), fresh, 'Shop'))?.secret).not.toBe(first?.secret)
})

test('who has a factor is half in after the first step: that opens nothing, the second does', async () => {
  const { actor } = await signUp(anna)
  const { app } = await giveApp(actor)
  const browser = await firstStep(anna)
  expect(await actorOf(db(), browser)).toBeUndefined()
  expect(await halfSignIn(db(), browser)).toMatchObject({
    email: anna,
    hasApp: true,
    hasPasskeys: false,
    hasRecoveryCodes: true,
  })
  const result = await secondStep(browser, await app.code())
  expect(result).toMatchObject({ ok: true, nextPath: '/dashboard/receipts' })
  if (result.ok) writeSessionCookie(browser, result.session.token)
  expect((await actorIn(browser)).email).toBe(anna)
  // It is used up.
  expect(await halfSignIn(db(), browser)).toBeUndefined()
})

test('the half cookie opens no page of the owner’s, under whatever name it is sent', async () => {
  const owner = await setUpOwner()
  await giveApp(owner.actor)
  const browser = newBrowser()
  const password = await provePassword(db(), {
    email: owner.actor.email,
    password: 'a quiet lamp in june',
  })
  if (!password) throw new Error('The password is right.')
  const next = await inTransaction((tx) => signInByPassword(tx, password, browser.visitor()))
  if (next?.step !== 'second') throw new Error('No second step was asked for.')
  writeHalfCookie(browser, next.half.token)
  const half = browser.get('sundry_half') ?? ''
  browser.cookies.set('sundry_session', half)
  const actor = await actorOf(db(), browser)
  expect(actor).toBeUndefined()
  expect(() =>
    ownerOnly({ locals: { actor }, url: new URL('http://shop.test/admin/orders') }),
  ).toThrow(expect.objectContaining({ status: 303 }))
  // Nor does its token, signed as a session's.
  writeSessionCookie(browser, next.half.token)
  expect(await actorOf(db(), browser)).toBeUndefined()
})

test('a code works once: not for the same person again, not for two at once', async () => {
  const { actor } = await signUp(anna)
  const { app } = await giveApp(actor)
  const code = await app.code()
  const browsers = [await firstStep(anna), await firstStep(anna)]
  const results = await Promise.all(browsers.map((browser) => secondStep(browser, code)))
  expect(results.filter((result) => result.ok)).toHaveLength(1)
  expect(results.find((result) => !result.ok)).toEqual({ ok: false, reason: 'used', triesLeft: 4 })
  expect(await secondStep(await firstStep(anna), code)).toMatchObject({ ok: false, reason: 'used' })
})

test('five wrong codes end the half sign-in; what cannot be a code is not counted', async () => {
  const { actor } = await signUp(anna)
  const { app } = await giveApp(actor)
  const browser = await firstStep(anna)
  expect(await secondStep(browser, 'hello')).toEqual({ ok: false, reason: 'unread', triesLeft: 5 })
  const wrong = app.wrongCode()
  for (const triesLeft of [4, 3, 2, 1])
    expect(await secondStep(browser, wrong)).toEqual({ ok: false, reason: 'wrong', triesLeft })
  expect(await secondStep(browser, wrong)).toEqual({ ok: false, reason: 'gone' })
  expect(await secondStep(browser, await app.code())).toEqual({ ok: false, reason: 'gone' })
  expect(await halfSignIn(db(), browser)).toBeUndefined()
})

test('a half sign-in is over after ten minutes, and is swept', async () => {
  const { actor } = await signUp(anna)
  const { app } = await giveApp(actor)
  const browser = await firstStep(anna)
  await passTime(10 * minute)
  expect(await halfSignIn(db(), browser)).toBeUndefined()
  expect(await secondStep(browser, await app.code())).toEqual({ ok: false, reason: 'gone' })
  expect(await inTransaction(sweepAccounts)).toMatchObject({ half_sign_in: 1 })
})

test('each recovery code works once, of two at once exactly one, and a mail tells what is left', async () => {
  const { actor } = await signUp(anna)
  const { codes } = await giveApp(actor)
  expect(new Set(codes).size).toBe(10)
  const [first = '', second = ''] = codes
  const browsers = await Promise.all([1, 2, 3, 4].map(async () => newBrowser()))
  for (const browser of browsers) await firstStep(anna, browser)
  const results = await Promise.all(browsers.map((browser) => secondStep(browser, first)))
  expect(results.filter((result) => result.ok)).toHaveLength(1)
  expect((await factorsOf(db(), actor)).codesLeft).toBe(9)
  const mails = await mailsTo(anna)
  expect(mails.filter((mail) => mail.template === 'alarm_recovery_used')).toHaveLength(1)
  expect(await audits()).toContain('member.recovery_code_used')
  // As somebody reads it from paper.
  const typed = ` ${second.toLowerCase().replaceAll('-', ' ')} `
  expect(await secondStep(await firstStep(anna), typed)).toMatchObject({ ok: true })
})

test('new recovery codes replace the old ones', async () => {
  const { actor } = await signUp(anna)
  const { codes } = await giveApp(actor)
  const fresh = await proof(actor)
  const renewed = await inTransaction((tx) => renewRecoveryCodes(tx, fresh))
  const browser = await firstStep(anna)
  expect(await secondStep(browser, codes[0] ?? '')).toMatchObject({ ok: false, reason: 'wrong' })
  expect(await secondStep(browser, renewed?.[0] ?? '')).toMatchObject({ ok: true })
})

test('one member’s code is nobody else’s', async () => {
  const owner = await setUpOwner()
  const ownersApp = await giveApp(owner.actor)
  const mallory = await signUp('mallory@example.com')
  const mallorys = await giveApp(mallory.actor)
  const browser = await firstStep(owner.actor.email)
  const code = await mallorys.app.code()
  expect(await secondStep(browser, code)).toMatchObject({ ok: false, reason: 'wrong' })
  expect(await secondStep(browser, mallorys.codes[0] ?? '')).toMatchObject({
    ok: false,
    reason: 'wrong',
  })
  expect(await secondStep(browser, ownersApp.codes[0] ?? '')).toMatchObject({ ok: true })
})

test('signing in in two steps rotates: a session somebody planted in the browser is worth nothing afterwards', async () => {
  const { actor } = await signUp(anna)
  const { app } = await giveApp(actor)
  const mallory = await signUp('mallory@example.com')
  // The thief's own cookie in the victim's browser: it keeps being the thief's, and ends at the sign-in.
  const browser = newBrowser()
  browser.cookies.set('sundry_session', mallory.browser.get('sundry_session') ?? '')
  await firstStep(anna, browser)
  const result = await secondStep(browser, await app.code())
  if (!result.ok) throw new Error('The code was right.')
  writeSessionCookie(browser, result.session.token)
  expect((await actorIn(browser)).email).toBe(anna)
  expect(await actorOf(db(), mallory.browser)).toBeUndefined()
})

test('without its last factor an account has no recovery codes either, and signing in is one step again', async () => {
  const { actor } = await signUp(anna)
  await giveApp(actor)
  const fresh = await proof(actor)
  expect(await inTransaction((tx) => removeApp(tx, fresh))).toBe(true)
  expect(await inTransaction((tx) => removeApp(tx, fresh))).toBe(false)
  expect(await factorsOf(db(), actor)).toEqual({ app: undefined, passkeys: [], codesLeft: 0 })
  expect((await signUp(anna)).result).toMatchObject({ step: 'done' })
  expect(await audits()).toEqual(
    expect.arrayContaining(['member.factor_added', 'member.factor_removed']),
  )
  const templates = (await mailsTo(anna)).map((mail) => mail.template)
  expect(templates).toEqual(
    expect.arrayContaining(['alarm_factor_added', 'alarm_factor_removed', 'alarm_sign_in']),
  )
})
