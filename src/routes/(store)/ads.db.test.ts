import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import type { MemberActor } from '#modules/accounts/types.ts'
import { db, inTransaction, seenMark } from '#modules/platform/server/index.ts'
import { adPlaces, type Ads } from '#modules/site/ads.ts'
import { beginSite, editAds, shownAds, siteAds } from '#modules/site/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../test/database.ts'
import { setUpOwner, signUp } from '../../../test/people.ts'
import { adFor } from './ads.server.ts'
import { GET as adsTxt } from './ads.txt/+server.ts'

useDatabase()
emptyBeforeEach()

const owner = { kind: 'owner', memberId: '018f0000-0000-7000-8000-000000000001' } as const
const ads: Ads = {
  client: 'ca-pub-1234567890123456',
  units: { product: '9876543210' },
  asksFirst: true,
}

beforeEach(async () => {
  await inTransaction(beginSite)
  await inTransaction((tx) => editAds(tx, owner, ads))
})

/** What a page is asked with, as far as ads look at it. */
function asked(actor?: MemberActor, path = '/') {
  const locals: App.Locals = { actor, requestId: 'r', network: '127.0.0.1' }
  return { locals, url: new URL(path, 'http://shop.example') }
}

/** Gives a member a plan for an hour. */
async function subscribes({ email, memberId }: MemberActor): Promise<void> {
  await sql`
    with person as (
      insert into customer (email, member_id) values (${email}, ${memberId}) returning id
    )
    insert into entitlement (customer_id, benefit, subject_id, source_kind, source_id, ends_at)
    select id, 'plan', gen_random_uuid(), 'subscription', gen_random_uuid(), clock_now() + interval '1 hour' from person
  `.execute(db())
}

test('a visitor and a member without a plan get the ad of a place that has one, with a policy of its own', async () => {
  const { actor: member } = await signUp('a@example.com')
  for (const actor of [undefined, member]) {
    const event = asked(actor)
    const ad = await adFor(event, 'product')
    expect(ad).toMatchObject({ place: 'product', unit: '9876543210', isShownAsPlace: false })
    expect(event.locals.adNonce).toBe(ad && !ad.isShownAsPlace ? ad.nonce : 'none')
    expect(event.locals.adNonce).toMatch(/^[A-Za-z0-9+/]{22}==$/)
  }
  const [one, other] = [asked(), asked()]
  await adFor(one, 'product')
  await adFor(other, 'product')
  expect(one.locals.adNonce).not.toBe(other.locals.adNonce)
})

test('a place without an ad unit, and a shop without an account, have none', async () => {
  for (const place of ['front', 'search', 'page'] as const) {
    const event = asked()
    expect(await adFor(event, place)).toBeUndefined()
    expect(event.locals.adNonce).toBeUndefined()
  }
  await inTransaction((tx) => editAds(tx, owner, { ...ads, client: undefined }))
  expect(await adFor(asked(), 'product')).toBeUndefined()
})

test('the owner sees where the ad stands, but not in a draft, and their page stays closed', async () => {
  const { actor } = await setUpOwner()
  const event = asked(actor)
  expect(await adFor(event, 'product')).toEqual({ place: 'product', isShownAsPlace: true })
  expect(event.locals.adNonce).toBeUndefined()
  expect(await adFor(asked(actor, '/?look=draft'), 'product')).toBeUndefined()
})

test('a subscriber never meets an ad, up to the moment the plan ends', async () => {
  const { actor } = await signUp('a@example.com')
  await subscribes(actor)
  const event = asked(actor)
  expect(await adFor(event, 'product')).toBeUndefined()
  expect(event.locals.adNonce).toBeUndefined()
  await passTime(59 * 60_000)
  expect(await adFor(asked(actor), 'product')).toBeUndefined()
  await passTime(60_000)
  expect(await adFor(asked(actor), 'product')).toBeDefined()
})

test('what somebody saved meanwhile is not written over', async () => {
  const seen = seenMark(shownAds(await siteAds(db())))
  const units = Object.fromEntries(adPlaces.map((place) => [place, '1111111111']))
  expect(await inTransaction((tx) => editAds(tx, owner, { ...ads, units }, seen))).toEqual({
    ok: true,
  })
  expect(await inTransaction((tx) => editAds(tx, owner, { ...ads, units: {} }, seen))).toEqual({
    ok: false,
    reason: 'changed',
  })
  expect((await siteAds(db())).units).toEqual(units)
})

test('the database refuses what is no id of Google’s', async () => {
  for (const [table, column, value] of [
    ['ad_account', 'client', 'ca-pub-1'],
    ['ad_place', 'unit', '"><b>'],
  ] as const)
    await expect(
      sql`update ${sql.table(table)} set ${sql.ref(column)} = ${value}`.execute(db()),
    ).rejects.toThrow(/check constraint/)
})

test('ads.txt names the account while there is one', async () => {
  const answer = await adsTxt({} as never)
  expect(await answer.text()).toBe('google.com, pub-1234567890123456, DIRECT, f08c47fec0942fa0\n')
  await inTransaction((tx) => editAds(tx, owner, { ...ads, client: undefined }))
  await expect(async () => adsTxt({} as never)).rejects.toMatchObject({ status: 404 })
})
