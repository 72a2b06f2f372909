import { expect, test } from 'vitest'
import { AuthenticatorApp } from '../../../../test/authenticator-app.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { actorIn, mailsTo, newBrowser, setUpOwner, signUp } from '../../../../test/people.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import {
  actorOf,
  beginApp,
  confirmApp,
  factorsOf,
  pendingApp,
  prepareOwnerRecovery,
  provePassword,
  recoverOwner,
  recoveryLink,
  requireFreshProof,
  sealPassword,
  writeSessionCookie,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const minute = 60_000

async function ownerWithApp() {
  const owner = await setUpOwner()
  const request = { locals: { actor: owner.actor }, url: new URL('http://shop.test/') }
  const fresh = await requireFreshProof(request, 'factors')
  await inTransaction((tx) => beginApp(tx, fresh))
  const pending = await pendingApp(db(), fresh, 'Shop')
  const code = await new AuthenticatorApp(pending?.secret ?? '').code()
  const added = await inTransaction((tx) => confirmApp(tx, fresh, code))
  if (!added.ok) throw new Error('The app was not taken.')
  return owner
}

async function makeLink(): Promise<string> {
  const token = await inTransaction(prepareOwnerRecovery)
  if (!token) throw new Error('The shop has an owner.')
  return token
}

const recover = async (token: string, browser = newBrowser()) => {
  const password = await sealPassword('another lamp in july')
  return inTransaction((tx) => recoverOwner(tx, { token, password }, browser.visitor()))
}

test('a shop without an owner has nobody to recover', async () => {
  await signUp('anna@example.com')
  expect(await inTransaction(prepareOwnerRecovery)).toBeUndefined()
})

test('making the link changes nothing but the trail; its token is stored nowhere', async () => {
  const owner = await ownerWithApp()
  const token = await makeLink()
  expect(await recoveryLink(db(), token)).toBe('open')
  expect((await factorsOf(db(), owner.actor)).app).toBeDefined()
  expect(await actorOf(db(), owner.browser)).toBeDefined()
  const stored = await db().selectFrom('owner_recovery').selectAll().executeTakeFirstOrThrow()
  expect(stored.token_sha256).not.toContain(token)
  const trail = await db().selectFrom('audit_entry').select(['action', 'actor_kind']).execute()
  expect(trail).toContainEqual({ action: 'owner.recovery_link_made', actor_kind: 'system' })
})

test('using it ends factors and sessions, sets the password and signs in, once', async () => {
  const owner = await ownerWithApp()
  const token = await makeLink()
  const browser = newBrowser()
  const result = await recover(token, browser)
  if (!result.ok) throw new Error(`The link was refused: ${result.reason}`)
  writeSessionCookie(browser, result.session.token)
  const actor = await actorIn(browser)
  expect(actor).toMatchObject({ kind: 'owner', memberId: owner.actor.memberId })
  expect(await factorsOf(db(), actor)).toEqual({ app: undefined, passkeys: [], codesLeft: 0 })
  expect(await actorOf(db(), owner.browser)).toBeUndefined()
  const { email } = owner.actor
  expect(await provePassword(db(), { email, password: 'another lamp in july' })).toBeDefined()
  expect((await mailsTo(email)).map((mail) => mail.template)).toContain('password_changed')
  expect(await recoveryLink(db(), token)).toBe('used')
  expect(await recover(token)).toEqual({ ok: false, reason: 'used' })
  const trail = await db().selectFrom('audit_entry').select('action').execute()
  expect(trail.map((row) => row.action)).toContain('owner.recovered')
})

test('of two that use it at once, one gets in', async () => {
  await ownerWithApp()
  const token = await makeLink()
  const results = await Promise.all([recover(token), recover(token)])
  expect(results.filter((result) => result.ok)).toHaveLength(1)
})

test('it ends after half an hour, and when a newer one is made; others are unknown', async () => {
  await ownerWithApp()
  const first = await makeLink()
  const second = await makeLink()
  expect(await recover(first)).toEqual({ ok: false, reason: 'unknown' })
  expect(await recover('A'.repeat(43))).toEqual({ ok: false, reason: 'unknown' })
  await passTime(30 * minute)
  expect(await recoveryLink(db(), second)).toBe('expired')
  expect(await recover(second)).toEqual({ ok: false, reason: 'expired' })
})
