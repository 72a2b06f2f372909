import { expect, test } from 'vitest'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { actorIn, newBrowser, setUpOwner, signUp } from '../../../../test/people.ts'
import { db, inTransaction, runtime, sha256 } from '#modules/platform/server/index.ts'
import { provideRuntime } from '#server/runtime.ts'
import {
  actorOf,
  carrySession,
  endOtherSessions,
  endSession,
  endThisSession,
  memberOnly,
  ownerOnly,
  requestSignInCode,
  sessionsOf,
  sweepAccounts,
  writeSessionCookie,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const day = 86_400_000
const cookie = 'sundry_session'

test('the cookie is closed to scripts and other sites, and only its token’s digest is stored', async () => {
  const { browser } = await signUp('anna@example.com')
  expect(browser.lastOptions).toEqual({
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: false,
    maxAge: 30 * 86_400,
  })
  const token = browser.get(cookie)?.split('.')[0] ?? ''
  const stored = await db()
    .selectFrom('member_session')
    .select('token_sha256')
    .executeTakeFirstOrThrow()
  expect(stored.token_sha256).toBe(sha256(token))
})

test('behind TLS the cookie is Secure and bound to this host by its name', async () => {
  const before = runtime()
  provideRuntime({ ...before, settings: { ...before.settings, origin: 'https://shop.test' } })
  try {
    const { browser, actor } = await signUp('anna@example.com')
    expect([...browser.cookies.keys()].toSorted()).toEqual([
      '__Host-sundry_device',
      '__Host-sundry_session',
    ])
    expect(browser.lastOptions).toMatchObject({ secure: true, path: '/' })
    expect(actor.email).toBe('anna@example.com')
  } finally {
    provideRuntime(before)
  }
})

test('a cookie that was made up, cut or changed is nobody’s', async () => {
  const { browser } = await signUp('anna@example.com')
  const good = browser.get(cookie) ?? ''
  const [token = '', signature = ''] = good.split('.')
  const stored = await db()
    .selectFrom('member_session')
    .select(['id', 'token_sha256'])
    .executeTakeFirstOrThrow()
  for (const value of [
    '',
    'x',
    token,
    `${token}.`,
    `${token}.${'A'.repeat(32)}`,
    `${'A'.repeat(43)}.${signature}`,
    `${stored.token_sha256}.${signature}`,
    `${stored.id}.${signature}`,
    `${good} `,
    good.repeat(100),
  ]) {
    const thief = newBrowser()
    thief.cookies.set(cookie, value)
    expect(await actorOf(db(), thief), JSON.stringify(value).slice(0, 60)).toBeUndefined()
  }
  expect(await actorOf(db(), browser)).toBeDefined()
})

test('a session lives 30 days after it was last moved on, by the one clock', async () => {
  const { browser } = await signUp('anna@example.com')
  await passTime(29 * day)
  expect(await actorOf(db(), browser)).toBeDefined()
  await passTime(29 * day)
  expect(await actorOf(db(), browser)).toBeDefined()
  await passTime(30 * day)
  expect(await actorOf(db(), browser)).toBeUndefined()
})

test('whoever moves the rehearsal’s clock takes the own session along, and no other', async () => {
  const { actor, browser } = await setUpOwner()
  const { browser: elsewhere } = await signUp('anna@example.com')
  await inTransaction((tx) => carrySession(tx, actor, 30 * day))
  await passTime(30 * day)
  expect((await actorOf(db(), browser))?.memberId).toBe(actor.memberId)
  expect(await actorOf(db(), elsewhere)).toBeUndefined()
  // From here on it lives as any other does.
  await passTime(30 * day)
  expect(await actorOf(db(), browser)).toBeUndefined()
})

test('its end is moved on at most once a day, and the cookie’s with it', async () => {
  const { browser } = await signUp('anna@example.com')
  const end = async () =>
    (await db().selectFrom('member_session').select('expires_at').executeTakeFirstOrThrow())
      .expires_at
  const first = await end()
  browser.lastOptions = undefined
  await passTime(23 * 3_600_000)
  await actorOf(db(), browser)
  expect(await end()).toEqual(first)
  expect(browser.lastOptions).toBeUndefined()

  await passTime(2 * 3_600_000)
  await Promise.all([actorOf(db(), browser), actorOf(db(), browser)])
  const second = await end()
  expect(second.getTime()).toBeGreaterThan(first.getTime() + day)
  expect(browser.lastOptions).toMatchObject({ maxAge: 30 * 86_400 })
  browser.lastOptions = undefined
  await actorOf(db(), browser)
  expect(await end()).toEqual(second)
  expect(browser.lastOptions).toBeUndefined()
})

test('signing in rotates: the token the browser had before is worth nothing afterwards', async () => {
  const { browser } = await signUp('anna@example.com')
  const before = newBrowser()
  before.cookies.set(cookie, browser.get(cookie) ?? '')
  await signUp('anna@example.com', browser)
  expect(browser.get(cookie)).not.toBe(before.get(cookie))
  expect(await actorOf(db(), before)).toBeUndefined()
  expect(await actorOf(db(), browser)).toBeDefined()
})

test('signing out ends the session, also for a copy of its cookie, and others stay', async () => {
  const { browser } = await signUp('anna@example.com')
  const phone = (await signUp('anna@example.com')).browser
  const copy = newBrowser()
  copy.cookies.set(cookie, browser.get(cookie) ?? '')
  await inTransaction((tx) => endThisSession(tx, browser))
  expect(browser.get(cookie)).toBeUndefined()
  expect(await actorOf(db(), copy)).toBeUndefined()
  expect(await actorOf(db(), phone)).toBeDefined()
})

test('a member sees the own sessions and can end one or all others, but nobody else’s', async () => {
  const laptop = await signUp('anna@example.com', newBrowser('203.0.113.7'))
  const phone = await signUp('anna@example.com', newBrowser('2001:db8::7'))
  const mallory = await signUp('mallory@example.com')

  const seen = await sessionsOf(db(), laptop.actor)
  expect(seen.map((session) => [session.network, session.isThisOne])).toEqual([
    ['2001:db8:…', false],
    ['203.0.113.…', true],
  ])
  expect(seen[0]?.device).toBe('Firefox on Linux')

  const end = (by: typeof laptop, id: string) => inTransaction((tx) => endSession(tx, by.actor, id))
  expect(await end(mallory, phone.actor.sessionId)).toBe(false)
  expect(await end(laptop, 'no id at all')).toBe(false)
  expect(await actorOf(db(), phone.browser)).toBeDefined()
  expect(await end(laptop, phone.actor.sessionId)).toBe(true)
  expect(await actorOf(db(), phone.browser)).toBeUndefined()

  await signUp('anna@example.com')
  expect(await inTransaction((tx) => endOtherSessions(tx, laptop.actor))).toBe(1)
  expect(await actorOf(db(), laptop.browser)).toBeDefined()
  expect(await actorOf(db(), mallory.browser)).toBeDefined()
})

test('sessions and codes that are long over are swept', async () => {
  const { browser } = await signUp('anna@example.com')
  await passTime(20 * day)
  await signUp('ben@example.com')
  await inTransaction((tx) =>
    requestSignInCode(tx, { email: 'old@example.com', nextPath: undefined }),
  )
  await passTime(11 * day)
  await inTransaction((tx) =>
    requestSignInCode(tx, { email: 'new@example.com', nextPath: undefined }),
  )
  expect(await inTransaction(sweepAccounts)).toMatchObject({ member_session: 1, sign_in_code: 1 })
  expect(await actorOf(db(), browser)).toBeUndefined()
})

test('the gates let the right ones through and send the others where they belong', async () => {
  const owner = (await setUpOwner()).actor
  const member = (await signUp('anna@example.com')).actor
  const at = (actor: typeof member | undefined, address = '/admin/orders?page=2') => ({
    locals: { actor },
    url: new URL(address, 'http://shop.test'),
  })
  expect(memberOnly(at(member))).toBe(member)
  expect(memberOnly(at(owner))).toBe(owner)
  expect(ownerOnly(at(owner))).toBe(owner)
  const toSignIn = { status: 303, location: '/sign-in?next=%2Fadmin%2Forders%3Fpage%3D2' }
  expect(thrown(() => memberOnly(at(undefined)))).toMatchObject(toSignIn)
  expect(thrown(() => ownerOnly(at(undefined)))).toMatchObject(toSignIn)
  expect(thrown(() => ownerOnly(at(member)))).toMatchObject({ status: 404 })
  for (const address of ['/dashboard?/save', '/dashboard?/save=', '/dashboard'])
    expect(thrown(() => memberOnly(at(undefined, address)))).toMatchObject({
      location: '/sign-in?next=%2Fdashboard',
    })
})

test('an actor says who it is, with the picture’s address where there is one', async () => {
  const { actor, browser } = await setUpOwner('owner@example.com')
  expect(actor).toEqual({
    kind: 'owner',
    memberId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    email: 'owner@example.com',
    name: 'The Owner',
    avatarUrl: undefined,
    sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    mayOwe: false,
  })
  expect(await actorIn(browser)).toEqual(actor)
  writeSessionCookie(browser, 'A'.repeat(43))
  expect(await actorOf(db(), browser)).toBeUndefined()
})

function thrown(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown.')
}
