import { expect, test } from 'vitest'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { newBrowser, setUpOwner, signUp } from '../../../../test/people.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import {
  actorOf,
  createOwner,
  customerFor,
  prepareOwnerSetup,
  provePassword,
  sealPassword,
  setupLink,
  writeSessionCookie,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const email = 'owner@example.com'
const password = 'a quiet lamp in june'

// Sealed once: calls at once are then at the database at once.
const sealing = sealPassword(password)

async function create(token: string, address = email, browser = newBrowser()) {
  const sealed = await sealing
  return inTransaction((tx) =>
    createOwner(
      tx,
      { token, name: 'The Owner', email: address, password: sealed },
      browser.visitor(),
    ),
  )
}

async function prepare(): Promise<string> {
  const token = await inTransaction(prepareOwnerSetup)
  if (!token) throw new Error('There is no owner yet.')
  return token
}

const owners = () =>
  db().selectFrom('member').select(['email', 'role']).where('role', '=', 'owner').execute()

test('the link makes the owner, signs in and is used up; its token is stored nowhere', async () => {
  const token = await prepare()
  const row = await db().selectFrom('owner_setup').selectAll().executeTakeFirstOrThrow()
  expect(JSON.stringify(row)).not.toContain(token)
  expect(await setupLink(db(), token)).toBe('open')

  const browser = newBrowser()
  const result = await create(token, email, browser)
  if (!result.ok) throw new Error(result.reason)
  writeSessionCookie(browser, result.session.token)
  expect(await actorOf(db(), browser)).toMatchObject({ kind: 'owner', email })
  expect(await provePassword(db(), { email, password })).toBeDefined()
  expect(await setupLink(db(), token)).toBe('used')
  expect(await create(token, 'second@example.com')).toEqual({ ok: false, reason: 'used' })
  expect(await owners()).toHaveLength(1)
})

test('opening the link uses nothing up', async () => {
  const token = await prepare()
  for (let visit = 0; visit < 3; visit++) expect(await setupLink(db(), token)).toBe('open')
})

test('of two that press at once, one becomes the owner', async () => {
  const token = await prepare()
  const results = await Promise.all([
    create(token, 'one@example.com'),
    create(token, 'two@example.com'),
    create(token, 'one@example.com'),
  ])
  expect(results.filter((result) => result.ok)).toHaveLength(1)
  expect(results.filter((result) => !result.ok && result.reason === 'used')).toHaveLength(2)
  expect(await owners()).toHaveLength(1)
})

test('a later start makes a new link and kills the old one', async () => {
  const old = await prepare()
  const fresh = await prepare()
  expect(fresh).not.toBe(old)
  expect(await setupLink(db(), old)).toBe('unknown')
  expect(await create(old)).toEqual({ ok: false, reason: 'unknown' })
  expect(await create(fresh)).toMatchObject({ ok: true })
})

test('once there is an owner, no start makes a link again', async () => {
  await setUpOwner()
  expect(await inTransaction(prepareOwnerSetup)).toBeUndefined()
})

test('a made-up link is unknown, before and after the set-up', async () => {
  expect(await setupLink(db(), 'made-up')).toBe('unknown')
  await setUpOwner()
  expect(await setupLink(db(), 'made-up')).toBe('unknown')
  expect(await create('made-up', 'thief@example.com')).toEqual({ ok: false, reason: 'unknown' })
})

test('a crash in the middle leaves no owner and a link that still works', async () => {
  const token = await prepare()
  const sealed = await sealPassword(password)
  const crash = inTransaction(async (tx) => {
    await createOwner(
      tx,
      { token, name: 'The Owner', email, password: sealed },
      newBrowser().visitor(),
    )
    throw new Error('power cut')
  })
  await expect(crash).rejects.toThrow('power cut')
  expect(await owners()).toEqual([])
  expect(await setupLink(db(), token)).toBe('open')
  expect(await create(token)).toMatchObject({ ok: true })
})

test('somebody who signed in with the owner’s address before becomes the owner, with purchases, and is signed out', async () => {
  const early = await signUp(email)
  const customerId = await inTransaction((tx) => customerFor(tx, { email }))
  const token = await prepare()
  expect(await create(token)).toMatchObject({ ok: true })
  expect(await actorOf(db(), early.browser)).toBeUndefined()
  expect(await owners()).toEqual([{ email, role: 'owner' }])
  const customer = await db()
    .selectFrom('customer')
    .select('member_id')
    .where('id', '=', customerId)
    .executeTakeFirstOrThrow()
  expect(customer.member_id).toBe(early.actor.memberId)
})

test('the database allows one owner', async () => {
  await setUpOwner()
  const second = db()
    .insertInto('member')
    .values({ email: 'x@example.com', role: 'owner' })
    .execute()
  await expect(second).rejects.toThrow('member_only_one_owner')
})
