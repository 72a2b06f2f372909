import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import {
  actorIn,
  codeMailedTo,
  mailsTo,
  newBrowser,
  otherCode,
  signUp,
} from '../../../../test/people.ts'
import { db, inTransaction, type Tx } from '#modules/platform/server/index.ts'
import {
  actorOf,
  changePassword,
  claimPurchases,
  confirmItIsMe,
  customerFor,
  provePassword,
  requestSignInCode,
  sealPassword,
  signInByCode,
  signInByPassword,
  signInRequest,
  writeSessionCookie,
} from './index.ts'
import { wrongTriesAllowed } from '../one-time-code.ts'

useDatabase()
emptyBeforeEach()

const anna = 'anna@example.com'
const minute = 60_000

const ask = (email: string, nextPath?: string) =>
  inTransaction((tx) => requestSignInCode(tx, { email, nextPath }))
const attempt = (requestId: string, code: string, browser = newBrowser()) =>
  inTransaction((tx) => signInByCode(tx, { requestId, code }, browser.visitor()))
const members = () => db().selectFrom('member').select(['id', 'email', 'role', 'name']).execute()
const sessionCount = async () =>
  (await db().selectFrom('member_session').select('id').execute()).length

async function somebodyWaitsForALock(): Promise<boolean> {
  const { rows } = await sql<{ waiting: boolean }>`
    select exists (select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock') as waiting
  `.execute(db())
  return rows[0]?.waiting === true
}

async function givePassword(email: string, password: string) {
  const { actor, browser } = await signUp(email)
  const confirmation = await confirmItIsMe(db(), actor, '')
  if (!confirmation) throw new Error('A fresh code confirms.')
  const sealed = await sealPassword(password)
  const session = await inTransaction((tx) =>
    changePassword(tx, confirmation, sealed, browser.visitor()),
  )
  if (!session) throw new Error('Nobody else changes it.')
  writeSessionCookie(browser, session.token)
  return { browser, actor: await actorIn(browser) }
}

test('asking for a code makes no account; typing it does, and a session begins', async () => {
  const requestId = await ask(anna, '/p/field-notes')
  expect(await members()).toEqual([])

  const browser = newBrowser()
  const result = await attempt(requestId, await codeMailedTo(anna), browser)
  expect(result).toMatchObject({ ok: true, isNew: true, nextPath: '/p/field-notes' })
  expect(await members()).toMatchObject([{ email: anna, role: 'member', name: '' }])
  if (result.ok && result.step === 'done') writeSessionCookie(browser, result.session.token)
  expect(await actorOf(db(), browser)).toMatchObject({ kind: 'member', email: anna })
})

test('a member signs in by code the same way, and stays the same member', async () => {
  const first = await signUp(anna)
  const second = await signUp(anna)
  expect(second.result).toMatchObject({ ok: true, isNew: false })
  expect(second.actor.memberId).toBe(first.actor.memberId)
  expect(await members()).toHaveLength(1)
})

test('known and unknown addresses get the same mail and the same answer', async () => {
  await signUp(anna)
  const known = await ask(anna)
  const unknown = await ask('nobody@example.com')
  expect(known).toMatch(/^[0-9a-f-]{36}$/)
  expect(unknown).toMatch(/^[0-9a-f-]{36}$/)
  const plain = (mail: object | undefined) =>
    JSON.stringify(mail)
      .replace(/[0-9a-f-]{36}/g, 'ID')
      .replace(/\d{6}/g, 'CODE')
  expect(plain((await mailsTo(anna)).at(-1))).toBe(
    plain((await mailsTo('nobody@example.com')).at(-1)),
  )
})

test('only a digest of the code is stored with the request, and no plain hash of it', async () => {
  await ask(anna)
  const code = await codeMailedTo(anna)
  const row = await db().selectFrom('sign_in_code').selectAll().executeTakeFirstOrThrow()
  expect(JSON.stringify({ ...row, id: '', created_at: '', expires_at: '' })).not.toContain(code)
  for (const form of ['hex', 'base64url'] as const)
    expect(row.code_digest).not.toContain(
      createHash('sha256').update(code).digest(form).slice(0, 20),
    )
})

test('a code works once', async () => {
  const requestId = await ask(anna)
  const code = await codeMailedTo(anna)
  expect(await attempt(requestId, code)).toMatchObject({ ok: true })
  expect(await attempt(requestId, code)).toEqual({ ok: false, reason: 'unknown' })
})

test('of two that type the same code at once, one signs in', async () => {
  const requestId = await ask(anna)
  const code = await codeMailedTo(anna)
  const results = await Promise.all([attempt(requestId, code), attempt(requestId, code)])
  expect(results.filter((result) => result.ok)).toHaveLength(1)
  expect(await members()).toHaveLength(1)
  expect(await sessionCount()).toBe(1)
})

test('a new code replaces the old one', async () => {
  const old = await ask(anna)
  const oldCode = await codeMailedTo(anna)
  const fresh = await ask(anna)
  expect(await attempt(old, oldCode)).toEqual({ ok: false, reason: 'unknown' })
  expect(await signInRequest(db(), old)).toBeUndefined()
  expect(await attempt(fresh, await codeMailedTo(anna))).toMatchObject({ ok: true })
})

test('a code is good for ten minutes by the one clock', async () => {
  const inTime = await ask(anna)
  await passTime(9 * minute)
  expect(await attempt(inTime, await codeMailedTo(anna))).toMatchObject({ ok: true })

  const late = await ask(anna)
  await passTime(10 * minute)
  expect(await attempt(late, await codeMailedTo(anna))).toEqual({ ok: false, reason: 'expired' })
  expect(await signInRequest(db(), late)).toMatchObject({ isExpired: true })
})

test('five wrong tries kill a code, the right one comes too late then', async () => {
  const requestId = await ask(anna)
  const code = await codeMailedTo(anna)
  for (let left = wrongTriesAllowed - 1; left >= 1; left--) {
    const result = await attempt(requestId, otherCode(code))
    expect(result).toEqual({ ok: false, reason: 'wrong', triesLeft: left })
  }
  expect(await attempt(requestId, otherCode(code))).toEqual({
    ok: false,
    reason: 'too_many_tries',
  })
  expect(await attempt(requestId, code)).toEqual({ ok: false, reason: 'too_many_tries' })
  expect(await members()).toEqual([])
})

test('wrong tries that come at once are counted one by one', async () => {
  const requestId = await ask(anna)
  const code = await codeMailedTo(anna)
  const results = await Promise.all(
    Array.from({ length: 8 }, () => attempt(requestId, otherCode(code))),
  )
  const compared = results.filter((result) => !result.ok && result.reason === 'wrong')
  expect(compared).toHaveLength(wrongTriesAllowed - 1)
  expect(await attempt(requestId, code)).toEqual({ ok: false, reason: 'too_many_tries' })
})

test('a code for one address opens no other', async () => {
  const requestForAnna = await ask(anna)
  const annasCode = await codeMailedTo(anna)
  let code = annasCode
  for (let asked = 0; asked < 5 && code === annasCode; asked++) {
    await ask('mallory@example.com')
    code = await codeMailedTo('mallory@example.com')
  }
  expect(await attempt(requestForAnna, code)).toMatchObject({ ok: false, reason: 'wrong' })
})

test('what is no request at all is answered like one that is over', async () => {
  for (const requestId of ['', 'x', "'; drop table member", '00000000-0000-7000-8000-000000000000'])
    expect(await attempt(requestId, '123456')).toEqual({ ok: false, reason: 'unknown' })
})

test('[commerce 24] a scanner that opens the mailed link changes nothing: the link and the code still work', async () => {
  const requestId = await ask(anna)
  const link = (await mailsTo(anna)).at(-1)?.content.blocks.find((block) => block.kind === 'button')
  const url = new URL(link?.kind === 'button' ? link.url : '')
  expect(url.pathname).toBe('/sign-in/code')
  expect(url.searchParams.get('request')).toBe(requestId)
  // What the page does for GET and HEAD, twice over.
  for (let visit = 0; visit < 4; visit++)
    expect(await signInRequest(db(), url.searchParams.get('request') ?? '')).toMatchObject({
      email: anna,
      isExpired: false,
    })
  expect(await sessionCount()).toBe(0)
  expect(await attempt(requestId, url.searchParams.get('code') ?? '')).toMatchObject({ ok: true })
})

test('an account is whole or not there at all: a crash in the middle leaves the code good (C37, C38)', async () => {
  await inTransaction((tx) => customerFor(tx, { email: anna }))
  const requestId = await ask(anna)
  const code = await codeMailedTo(anna)
  const crash = inTransaction(async (tx) => {
    await signInByCode(tx, { requestId, code }, newBrowser().visitor())
    throw new Error('power cut')
  })
  await expect(crash).rejects.toThrow('power cut')
  expect(await members()).toEqual([])
  expect(await sessionCount()).toBe(0)
  expect(await db().selectFrom('customer').select('member_id').execute()).toEqual([
    { member_id: null },
  ])
  expect(await attempt(requestId, code)).toMatchObject({ ok: true, isNew: true })
})

test('the database refuses a second account of an address, and one whose address is not canonical', async () => {
  await signUp(anna)
  await expect(db().insertInto('member').values({ email: anna }).execute()).rejects.toThrow(
    'member_email_key',
  )
  await expect(
    db().insertInto('member').values({ email: 'Anna@Example.com' }).execute(),
  ).rejects.toThrow('check')
})

test('e-mail and password sign in; the wrong one, an unknown address and a member without a password get the same no', async () => {
  await givePassword(anna, 'a quiet lamp in june')
  await signUp('code-only@example.com')
  const right = await provePassword(db(), { email: anna, password: 'a quiet lamp in june' })
  expect(right).toBeDefined()
  for (const email of [anna, 'nobody@example.com', 'code-only@example.com'])
    expect(await provePassword(db(), { email, password: 'wrong password' })).toBeUndefined()
  if (!right) return
  const browser = newBrowser()
  const next = await inTransaction((tx) => signInByPassword(tx, right, browser.visitor()))
  if (next?.step === 'done') writeSessionCookie(browser, next.session.token)
  expect(await actorOf(db(), browser)).toMatchObject({ email: anna })
})

test('a password that was changed while it was checked begins no session', async () => {
  await givePassword(anna, 'a quiet lamp in june')
  const proof = await provePassword(db(), { email: anna, password: 'a quiet lamp in june' })
  await givePassword(anna, 'another lamp in july')
  if (!proof) throw new Error('The password was right.')
  expect(
    await inTransaction((tx) => signInByPassword(tx, proof, newBrowser().visitor())),
  ).toBeUndefined()
})

test('a stranger cannot prepare an account: no use case makes one without the mailed code', async () => {
  const requestId = await ask(anna)
  for (const code of ['', 'abcdef', '1234567'])
    expect((await attempt(requestId, code)).ok).toBe(false)
  expect(
    await provePassword(db(), { email: anna, password: 'the stranger knows it' }),
  ).toBeUndefined()
  expect(await members()).toEqual([])

  // Later the real person proves the mailbox and finds an account with nobody's password and no session but theirs.
  const { actor } = await signUp(anna)
  expect(await sessionCount()).toBe(1)
  expect(
    await provePassword(db(), { email: anna, password: 'the stranger knows it' }),
  ).toBeUndefined()
  expect(actor.email).toBe(anna)
})

test('[commerce 21] asking for a code with a guest’s address, without typing it, shows none of the purchases', async () => {
  const guest = await inTransaction((tx) => customerFor(tx, { email: anna }))
  const requestId = await ask(anna)
  await attempt(requestId, otherCode(await codeMailedTo(anna)))
  const other = await signUp('mallory@example.com')
  const row = await db()
    .selectFrom('customer')
    .select(['id', 'member_id'])
    .where('email', '=', anna)
    .executeTakeFirstOrThrow()
  expect(row).toEqual({ id: guest, member_id: null })
  expect(other.actor.email).not.toBe(anna)
})

test('[commerce 22] after the mailed code all purchases of the guest are the member’s at once, on record', async () => {
  const guest = await inTransaction((tx) => customerFor(tx, { email: anna, name: 'Anna B.' }))
  const { actor } = await signUp(anna)
  const rows = await db().selectFrom('customer').selectAll().execute()
  expect(rows).toMatchObject([{ id: guest, member_id: actor.memberId, name: 'Anna B.' }])
  expect(rows[0]?.claimed_at).toBeInstanceOf(Date)
  const audited = await db().selectFrom('audit_entry').selectAll().execute()
  expect(audited).toMatchObject([
    { action: 'customer.claimed', subject_id: guest, actor_id: actor.memberId },
  ])
})

test('a guest’s purchase that is booked while the mailbox is being proven is not left behind', async () => {
  const requestId = await ask(anna)
  const code = await codeMailedTo(anna)
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  let signedIn = () => {}
  const reached = new Promise<void>((resolve) => (signedIn = resolve))
  const signingIn = inTransaction(async (tx) => {
    await signInByCode(tx, { requestId, code }, newBrowser().visitor())
    signedIn()
    await held
  })
  await reached
  let isBooked = false
  const buying = inTransaction((tx) => customerFor(tx, { email: anna })).then((id) => {
    isBooked = true
    return id
  })
  // It gets as far as it can: it waits for the sign-in, or has made a guest that nobody would claim.
  await expect.poll(async () => isBooked || (await somebodyWaitsForALock())).toBe(true)
  release()
  await signingIn
  const customerId = await buying
  const [member] = await members()
  const row = await db()
    .selectFrom('customer')
    .select('member_id')
    .where('id', '=', customerId)
    .executeTakeFirstOrThrow()
  expect(row.member_id).toBe(member?.id)
})

test('a second proof finds nothing left to claim and changes nothing', async () => {
  await inTransaction((tx) => customerFor(tx, { email: anna }))
  const { actor } = await signUp(anna)
  const again = (tx: Tx) => claimPurchases(tx, actor.memberId, anna)
  expect(await inTransaction(again)).toEqual([])
  expect(await db().selectFrom('audit_entry').select('id').execute()).toHaveLength(1)
})
