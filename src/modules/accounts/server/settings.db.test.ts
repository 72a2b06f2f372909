import { expect, test } from 'vitest'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import {
  actorIn,
  codeMailedTo,
  mailsTo,
  newBrowser,
  otherCode,
  signUp,
  type TestBrowser,
} from '../../../../test/people.ts'
import type { MemberActor } from '../types.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import {
  accountSettings,
  actorOf,
  changeEmail,
  changePassword,
  confirmItIsMe,
  customerFor,
  customerIdsOf,
  dropEmailChange,
  provePassword,
  rename,
  requestEmailChange,
  requestSignInCode,
  sealPassword,
  signInByCode,
  writeSessionCookie,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const old = 'anna@example.com'
const fresh = 'anna@new.example'
const minute = 60_000
const lamp = 'a quiet lamp in june'

interface Person {
  readonly actor: MemberActor
  readonly browser: TestBrowser
}

async function setPassword({ actor, browser }: Person, password: string, oldPassword = '') {
  const confirmation = await confirmItIsMe(db(), actor, oldPassword)
  if (!confirmation) return undefined
  const sealed = await sealPassword(password)
  const session = await inTransaction((tx) =>
    changePassword(tx, confirmation, sealed, browser.visitor()),
  )
  if (session) writeSessionCookie(browser, session.token)
  return session && { browser, actor: await actorIn(browser) }
}

async function wish({ actor }: Person, newEmail: string, password = '') {
  const confirmation = await confirmItIsMe(db(), actor, password)
  if (!confirmation) return false
  return inTransaction((tx) => requestEmailChange(tx, confirmation, newEmail))
}

const confirm = ({ actor, browser }: Person, code: string) =>
  inTransaction((tx) => changeEmail(tx, actor, code, browser.visitor()))

const addresses = async () =>
  (await db().selectFrom('member').select('email').orderBy('email').execute()).map(
    (row) => row.email,
  )

test('a member is renamed', async () => {
  const { actor, browser } = await signUp(old)
  await inTransaction((tx) => rename(tx, actor, 'Anna'))
  expect((await actorIn(browser)).name).toBe('Anna')
})

test('[commerce 25] an address changes only with the code sent to the new one; the old one is told, receipts follow', async () => {
  const person = await signUp(old)
  const mine = await inTransaction((tx) =>
    customerFor(tx, { memberId: person.actor.memberId, email: old }),
  )
  const guest = await inTransaction((tx) => customerFor(tx, { email: fresh }))
  expect(await wish(person, fresh)).toBe(true)
  expect(await accountSettings(db(), person.actor)).toMatchObject({ pendingEmail: fresh })
  expect(await addresses()).toEqual([old])

  const code = await codeMailedTo(fresh)
  expect(await confirm(person, otherCode(code))).toMatchObject({ ok: false, reason: 'wrong' })
  expect(await addresses()).toEqual([old])

  expect(await confirm(person, code)).toMatchObject({ ok: true })
  expect(await addresses()).toEqual([fresh])
  const notice = (await mailsTo(old)).at(-1)
  expect(notice?.template).toBe('address_changed')
  expect(JSON.stringify(notice?.content)).not.toContain(fresh)
  // Receipts are sent to the customer's address; what a guest bought there is claimed.
  const customers = await db()
    .selectFrom('customer')
    .select(['id', 'email', 'member_id'])
    .orderBy('created_at')
    .execute()
  const { memberId } = person.actor
  expect(customers).toEqual([
    { id: mine, email: fresh, member_id: memberId },
    { id: guest, email: fresh, member_id: memberId },
  ])
  expect(await customerIdsOf(db(), memberId)).toEqual([mine, guest])
  const next = await inTransaction((tx) => customerFor(tx, { memberId, email: old }))
  expect(next).toBe(mine)
})

test('a change of address ends the sessions elsewhere and rotates the own', async () => {
  const phone = await signUp(old)
  const person = await signUp(old)
  await wish(person, fresh)
  const result = await confirm(person, await codeMailedTo(fresh))
  expect(await actorOf(db(), phone.browser)).toBeUndefined()
  expect(await actorOf(db(), person.browser)).toBeUndefined()
  if (result.ok) writeSessionCookie(person.browser, result.session.token)
  expect((await actorIn(person.browser)).email).toBe(fresh)
})

test('a sign-in code that was sent to the old address dies with the change', async () => {
  const person = await signUp(old)
  const requestId = await inTransaction((tx) =>
    requestSignInCode(tx, { email: old, nextPath: undefined }),
  )
  const oldCode = await codeMailedTo(old)
  await wish(person, fresh)
  await confirm(person, await codeMailedTo(fresh))
  const late = await inTransaction((tx) =>
    signInByCode(tx, { requestId, code: oldCode }, newBrowser().visitor()),
  )
  expect(late).toEqual({ ok: false, reason: 'unknown' })
  expect(await addresses()).toEqual([fresh])
})

test('an address that another account has is refused only once its mailbox is proven, and nothing changes', async () => {
  await signUp(fresh)
  const person = await signUp(old)
  expect(await wish(person, fresh)).toBe(true)
  expect(await accountSettings(db(), person.actor)).toMatchObject({ pendingEmail: fresh })
  expect(await confirm(person, await codeMailedTo(fresh))).toEqual({ ok: false, reason: 'taken' })
  expect(await addresses()).toEqual([old, fresh])
  expect(await actorOf(db(), person.browser)).toBeDefined()
})

test('two members that move to one address at once: one gets it', async () => {
  const one = await signUp('one@example.com')
  const two = await signUp('two@example.com')
  await wish(one, fresh)
  const codeOne = await codeMailedTo(fresh)
  await wish(two, fresh)
  const codeTwo = await codeMailedTo(fresh)
  const results = await Promise.all([confirm(one, codeOne), confirm(two, codeTwo)])
  expect(results.filter((result) => result.ok)).toHaveLength(1)
  expect(results.filter((result) => !result.ok && result.reason === 'taken')).toHaveLength(1)
})

test('moving to an address while somebody signs in there for the first time leaves one account with it', async () => {
  const person = await signUp(old)
  await wish(person, fresh)
  const changeCode = await codeMailedTo(fresh)
  const requestId = await inTransaction((tx) =>
    requestSignInCode(tx, { email: fresh, nextPath: undefined }),
  )
  const code = await codeMailedTo(fresh)
  await Promise.all([
    confirm(person, changeCode),
    inTransaction((tx) => signInByCode(tx, { requestId, code }, newBrowser().visitor())),
  ])
  expect((await addresses()).filter((email) => email === fresh)).toHaveLength(1)
})

test('five wrong tries or ten minutes kill the code for a new address; asking again replaces it', async () => {
  const person = await signUp(old)
  await wish(person, fresh)
  const code = await codeMailedTo(fresh)
  for (let tries = 0; tries < 5; tries++) await confirm(person, otherCode(code))
  expect(await confirm(person, code)).toEqual({ ok: false, reason: 'too_many_tries' })

  await wish(person, fresh)
  await passTime(10 * minute)
  expect(await confirm(person, await codeMailedTo(fresh))).toEqual({ ok: false, reason: 'expired' })
  expect(await accountSettings(db(), person.actor)).toMatchObject({ pendingEmail: undefined })
})

test('a wish for another address can be taken back', async () => {
  const person = await signUp(old)
  await wish(person, fresh)
  await inTransaction((tx) => dropEmailChange(tx, person.actor))
  expect(await confirm(person, await codeMailedTo(fresh))).toEqual({ ok: false, reason: 'unknown' })
})

test('somebody else’s code for a new address is worth nothing', async () => {
  const anna = await signUp(old)
  const mallory = await signUp('mallory@example.com')
  await wish(anna, fresh)
  expect(await confirm(mallory, await codeMailedTo(fresh))).toEqual({
    ok: false,
    reason: 'unknown',
  })
})

test('a first password is set without an old one; sessions elsewhere end and a mail tells', async () => {
  const phone = await signUp(old)
  const person = await signUp(old)
  expect(await accountSettings(db(), person.actor)).toMatchObject({
    hasPassword: false,
    asksForPassword: false,
  })
  const after = await setPassword(person, lamp)
  expect(after).toBeDefined()
  expect(await actorOf(db(), phone.browser)).toBeUndefined()
  expect(await provePassword(db(), { email: old, password: lamp })).toBeDefined()
  expect((await mailsTo(old)).at(-1)).toMatchObject({
    template: 'password_changed',
    subject: 'Your account has a password now',
  })
  expect(await accountSettings(db(), after?.actor ?? person.actor)).toMatchObject({
    hasPassword: true,
    asksForPassword: true,
  })
})

test('a password is changed with the old one only', async () => {
  const person = await setPassword(await signUp(old), lamp)
  if (!person) throw new Error('A first password needs no old one.')
  expect(await setPassword(person, 'another lamp in july', '')).toBeUndefined()
  expect(await setPassword(person, 'another lamp in july', 'wrong lamp')).toBeUndefined()
  expect(await provePassword(db(), { email: old, password: lamp })).toBeDefined()
  expect(await setPassword(person, 'another lamp in july', lamp)).toBeDefined()
  expect(await provePassword(db(), { email: old, password: lamp })).toBeUndefined()
  expect(await provePassword(db(), { email: old, password: 'another lamp in july' })).toBeDefined()
  expect((await mailsTo(old)).at(-1)?.subject).toBe('Your password was changed')
})

test('a forgotten password is replaced after signing in with a code, for a quarter of an hour', async () => {
  await setPassword(await signUp(old), lamp)
  const late = await signUp(old)
  await passTime(15 * minute)
  expect(await accountSettings(db(), late.actor)).toMatchObject({ asksForPassword: true })
  expect(await setPassword(late, 'another lamp in july')).toBeUndefined()

  const inTime = await signUp(old)
  expect(await accountSettings(db(), inTime.actor)).toMatchObject({ asksForPassword: false })
  expect(await setPassword(inTime, 'another lamp in july')).toBeDefined()
})

test('two changes of the password at once: the second finds that it was changed', async () => {
  const person = await setPassword(await signUp(old), lamp)
  if (!person) throw new Error('A first password needs no old one.')
  const results = await Promise.all([
    setPassword({ actor: person.actor, browser: newBrowser() }, 'one lamp in july', lamp),
    setPassword({ actor: person.actor, browser: newBrowser() }, 'two lamps in july', lamp),
  ])
  expect(results.filter((result) => result !== undefined)).toHaveLength(1)
})

test('a stolen session cannot move a member with a password to another address', async () => {
  const person = await setPassword(await signUp(old), lamp)
  if (!person) throw new Error('A first password needs no old one.')
  expect(await wish(person, 'thief@example.com')).toBe(false)
  expect(await wish(person, 'thief@example.com', 'a guess')).toBe(false)
  expect(await mailsTo('thief@example.com')).toEqual([])
  expect(await wish(person, fresh, lamp)).toBe(true)
})

test('a crash while the password is set leaves the old one, the sessions and no mail (C38)', async () => {
  const person = await signUp(old)
  const confirmation = await confirmItIsMe(db(), person.actor, '')
  if (!confirmation) throw new Error('A fresh code confirms.')
  const mailsBefore = (await mailsTo(old)).length
  const sealed = await sealPassword(lamp)
  const crash = inTransaction(async (tx) => {
    await changePassword(tx, confirmation, sealed, person.browser.visitor())
    throw new Error('power cut')
  })
  await expect(crash).rejects.toThrow('power cut')
  expect(await actorOf(db(), person.browser)).toBeDefined()
  expect(await mailsTo(old)).toHaveLength(mailsBefore)
  expect(await provePassword(db(), { email: old, password: lamp })).toBeUndefined()
})

test('changes of password and address are on record, without what they were', async () => {
  const person = await setPassword(await signUp(old), lamp)
  if (!person) throw new Error('A first password needs no old one.')
  await wish(person, fresh, lamp)
  await confirm(person, await codeMailedTo(fresh))
  const entries = await db().selectFrom('audit_entry').selectAll().orderBy('id').execute()
  expect(entries.map((entry) => entry.action)).toEqual([
    'member.password_set',
    'member.address_changed',
  ])
  expect(JSON.stringify(entries)).not.toMatch(/lamp|@/)
})
