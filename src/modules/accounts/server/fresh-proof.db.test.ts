import { expect, test } from 'vitest'
import { AuthenticatorApp } from '../../../../test/authenticator-app.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { actorIn, setUpOwner, signUp, type TestBrowser } from '../../../../test/people.ts'
import type { ProofFor } from '../fresh-proof-rules.ts'
import type { MemberActor } from '../types.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import {
  actorOf,
  askForProof,
  beginApp,
  confirmApp,
  confirmByFactor,
  confirmByPassword,
  isOwnPassword,
  keptField,
  pendingApp,
  proofRequest,
  provenForm,
  requireFreshProof,
  sweepAccounts,
  writeSessionCookie,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const minute = 60_000
const tenMinutes = 10 * minute

const at = (actor: MemberActor | undefined, address = '/admin/orders/7/refund?page=2') => ({
  locals: { actor },
  url: new URL(address, 'http://shop.test'),
})

/** undefined: nothing had to be proven; else where one is sent. */
async function sentTo(actor: MemberActor, what: ProofFor): Promise<string | undefined> {
  try {
    await requireFreshProof(at(actor), what)
    return undefined
  } catch (thrown) {
    return locationOf(thrown)
  }
}

function locationOf(thrown: unknown): string {
  if (thrown && typeof thrown === 'object' && 'location' in thrown) return String(thrown.location)
  throw thrown
}

async function giveApp(actor: MemberActor) {
  const fresh = await requireFreshProof(at(actor), 'factors')
  await inTransaction((tx) => beginApp(tx, fresh))
  const pending = await pendingApp(db(), fresh, 'Shop')
  const app = new AuthenticatorApp(pending?.secret ?? '')
  const code = await app.code()
  const added = await inTransaction((tx) => confirmApp(tx, fresh, code))
  if (!added.ok) throw new Error('The app was not taken.')
  return { app, codes: added.recoveryCodes ?? [] }
}

async function prove(person: { actor: MemberActor; browser: TestBrowser }, code: string) {
  const given = await inTransaction((tx) => confirmByFactor(tx, person.actor, { code }))
  if (given.ok) writeSessionCookie(person.browser, given.token)
  return given
}

test('[commerce 79] an owner with a factor proves it before a refund or a price, for ten minutes at a time', async () => {
  const owner = await setUpOwner()
  expect(await sentTo(owner.actor, 'refund')).toBeUndefined()
  const { app } = await giveApp(owner.actor)
  // Setting it up was a proof.
  expect(await sentTo(owner.actor, 'refund')).toBeUndefined()
  await passTime(tenMinutes)
  for (const what of [
    'refund',
    'price',
    'payout',
    'export',
    'address',
    'password',
    'factors',
  ] as const)
    expect(await sentTo(owner.actor, what)).toBe(
      `/sign-in/confirm?for=${what}&next=%2Fadmin%2Forders%2F7%2Frefund%3Fpage%3D2`,
    )
  expect(await prove(owner, app.wrongCode())).toEqual({ ok: false, reason: 'wrong' })
  expect(await sentTo(owner.actor, 'price')).toBeDefined()
  expect(await prove(owner, await app.code())).toMatchObject({ ok: true })
  expect(await sentTo(owner.actor, 'price')).toBeUndefined()
  expect(await sentTo(owner.actor, 'access')).toBeUndefined()
  await passTime(tenMinutes)
  expect(await sentTo(owner.actor, 'price')).toBeDefined()
})

test('an owner without a factor is asked for nothing but before setting one up', async () => {
  const owner = await setUpOwner()
  await passTime(tenMinutes)
  for (const what of ['refund', 'price', 'payout', 'export', 'address', 'password'] as const)
    expect(await sentTo(owner.actor, what)).toBeUndefined()
  expect(await sentTo(owner.actor, 'factors')).toBeDefined()
  expect(await isOwnPassword(db(), owner.actor, 'not the right one')).toBe(false)
  expect(await isOwnPassword(db(), owner.actor, 'a quiet lamp in june')).toBe(true)
  expect(await inTransaction((tx) => confirmByPassword(tx, owner.actor))).toMatchObject({
    ok: true,
  })
  expect(await sentTo(owner.actor, 'factors')).toBeUndefined()
})

test('with a factor, a password typed just now is no fresh proof', async () => {
  const owner = await setUpOwner()
  await giveApp(owner.actor)
  await passTime(tenMinutes)
  await inTransaction((tx) => confirmByPassword(tx, owner.actor))
  expect(await sentTo(owner.actor, 'refund')).toBeDefined()
})

test('a proof counts at the session it was given at, and nowhere else', async () => {
  const laptop = await signUp('anna@example.com')
  const phone = await signUp('anna@example.com')
  const { app } = await giveApp(laptop.actor)
  expect(await sentTo(laptop.actor, 'address')).toBeUndefined()
  expect(await sentTo(phone.actor, 'address')).toBeDefined()
  await passTime(tenMinutes)
  await prove(phone, await app.code())
  expect(await sentTo(phone.actor, 'address')).toBeUndefined()
  expect(await sentTo(laptop.actor, 'address')).toBeDefined()
})

test('a proof rotates the session: the cookie from before is worth nothing, the session stays the same', async () => {
  const owner = await setUpOwner()
  const { codes } = await giveApp(owner.actor)
  const stolen = owner.browser.get('sundry_session') ?? ''
  await prove(owner, codes[0] ?? '')
  expect((await actorIn(owner.browser)).sessionId).toBe(owner.actor.sessionId)
  owner.browser.cookies.set('sundry_session', stolen)
  expect(await actorOf(db(), owner.browser)).toBeUndefined()
})

test('the owner may go without proof for refunds, prices and access, not for what leads the money elsewhere', async () => {
  const owner = await setUpOwner()
  await giveApp(owner.actor)
  const fresh = await requireFreshProof(at(owner.actor), 'factors')
  await inTransaction((tx) => askForProof(tx, fresh, false))
  await passTime(tenMinutes)
  expect(await sentTo(owner.actor, 'refund')).toBeUndefined()
  expect(await sentTo(owner.actor, 'price')).toBeUndefined()
  expect(await sentTo(owner.actor, 'payout')).toBeDefined()
  expect(await sentTo(owner.actor, 'factors')).toBeDefined()
})

test('who is not signed in is sent to sign in', async () => {
  await expect(requireFreshProof(at(undefined), 'refund')).rejects.toMatchObject({
    location: '/sign-in?next=%2Fadmin%2Forders%2F7%2Frefund%3Fpage%3D2',
  })
})

/** A form as it is posted to an action that needs a proof: what it reads, or where one is sent. */
async function post(
  actor: MemberActor,
  fields: Readonly<Record<string, string>>,
  address = '/admin/products/7?/price',
): Promise<{ read?: Record<string, unknown>; sentTo?: string }> {
  const url = new URL(address, 'http://shop.test')
  const request = new Request(url, { method: 'POST', body: new URLSearchParams(fields) })
  try {
    const { form } = await provenForm({ locals: { actor }, url, request }, 'price')
    return { read: Object.fromEntries(form) }
  } catch (thrown) {
    return { sentTo: locationOf(thrown) }
  }
}

async function waitingForm(
  owner: Awaited<ReturnType<typeof setUpOwner>>,
  fields = { amount: '12,50', note: 'Für Ünïcode 🙂' },
) {
  const given = await giveApp(owner.actor)
  await passTime(tenMinutes)
  const { sentTo: address = '' } = await post(owner.actor, fields)
  const formId = new URL(address, 'http://shop.test').searchParams.get('form') ?? ''
  return { ...given, fields, formId }
}

test('a form sent without a proof is kept, and goes on with everything that was typed', async () => {
  const owner = await setUpOwner()
  const { app, fields, formId } = await waitingForm(owner)
  expect(await proofRequest(db(), owner.actor, { formId, what: null })).toEqual({
    what: 'price',
    isGiven: false,
    hasFactor: true,
    hasPassword: true,
    keptPath: '/admin/products/7?/price',
  })
  const stored = JSON.stringify(await db().selectFrom('kept_form').selectAll().execute())
  expect(stored).not.toContain('12,50')

  // Going on without the proof asks for it again, and loses nothing.
  const early = await post(owner.actor, { [keptField]: formId })
  const keptAgain = new URL(early.sentTo ?? '', 'http://shop.test').searchParams.get('form') ?? ''
  expect(keptAgain).not.toBe(formId)
  await prove(owner, await app.code())
  expect(await post(owner.actor, { [keptField]: keptAgain })).toEqual({ read: fields })
  // Once.
  expect(await post(owner.actor, { [keptField]: keptAgain })).toEqual({ read: {} })
})

test('a kept form goes on at its own session, and only to where it was sent', async () => {
  const owner = await setUpOwner()
  const { app, formId } = await waitingForm(owner)
  const mallory = await signUp('mallory@example.com')
  expect(
    (await proofRequest(db(), mallory.actor, { formId, what: null }))?.keptPath,
  ).toBeUndefined()
  expect(await post(mallory.actor, { [keptField]: formId })).toEqual({ read: {} })
  await prove(owner, await app.code())
  expect(await post(owner.actor, { [keptField]: formId }, '/admin/products/8?/price')).toEqual({
    read: {},
  })
})

test('a kept form is over after twenty minutes and is swept; a session keeps five at most', async () => {
  const owner = await setUpOwner()
  const { formId } = await waitingForm(owner)
  for (let count = 0; count < 6; count++) await post(owner.actor, { amount: String(count) })
  expect(await db().selectFrom('kept_form').select('id').execute()).toHaveLength(5)
  await passTime(2 * tenMinutes)
  expect((await proofRequest(db(), owner.actor, { formId, what: null }))?.keptPath).toBeUndefined()
  expect(await inTransaction(sweepAccounts)).toMatchObject({ kept_form: 5 })
})
