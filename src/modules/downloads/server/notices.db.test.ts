import { describe, expect, test } from 'vitest'
import { followMoney } from '#modules/entitlements/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { addVersion, aFileProduct, fetchVersion, sellTo } from '../../../../test/files.ts'
import { mailsTo, setUpOwner, signUp } from '../../../../test/people.ts'
import {
  goodsOf,
  holdersOfVersion,
  removeVersion,
  stopTelling,
  tellBuyers,
  tellOn,
  versionOverview,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const cause = { actor: 'system', cause: 'test' } as const

/** Steps as the rounds take them, without their pauses. Returns how many were told in all. */
async function tellAll(steps = 100): Promise<number> {
  let told = 0
  for (let step = 0; step < steps; step++) {
    await db()
      .updateTable('version_notice')
      .set({ next_at: new Date(0) })
      .execute()
    told += await tellOn()
  }
  return told
}

const told = async () =>
  (
    await db()
      .selectFrom('email_message')
      .select('to_address')
      .where('template', '=', 'version_ready')
      .orderBy('to_address')
      .execute()
  ).map((mail) => mail.to_address)

/** A product whose buyers have its first version, and a second one that has just been uploaded. */
async function shipped(buyers: readonly string[]) {
  const product = await aFileProduct('the first edition')
  const bought = new Map<string, Awaited<ReturnType<typeof sellTo>>>()
  for (const email of buyers) bought.set(email, await sellTo(product, { email }))
  await passTime(1_000)
  const second = await addVersion(product, 'the second edition', {
    itemId: product.itemId,
    label: '2.0',
    changes: 'A map of the harbour.',
  })
  await passTime(1_000)
  const of = { productId: product.id, versionId: second.versionId }
  const tell = () => inTransaction((tx) => tellBuyers(tx, 'system', of))
  const entitlement = (email: string) => bought.get(email)?.entitlementId ?? ''
  return { product, second, of, tell, bought, entitlement }
}

describe('telling the buyers of a new version [commerce 16]', () => {
  test('old buyers see it without any job; one mail each tells what is new; the first version is still fetched', async () => {
    const { product, second, tell, entitlement } = await shipped([
      'ann@example.com',
      'ben@example.com',
    ])
    const goods = (await goodsOf(db(), [product.id])).get(product.id)
    expect(goods?.items[0]).toMatchObject({ versions: [{ label: '2.0' }, { label: '1' }] })
    expect(await tell()).toEqual({ ok: true, people: 2 })
    expect(await tellAll()).toBe(2)
    expect(await told()).toEqual(['ann@example.com', 'ben@example.com'])
    const mail = (await mailsTo('ann@example.com')).at(-1)
    expect(mail?.subject).toBe('Field Notes: version 2.0 is here')
    expect(JSON.stringify(mail?.content)).toContain('A map of the harbour.')
    expect(JSON.stringify(mail?.content)).toContain(
      `/dashboard/products/${entitlement('ann@example.com')}`,
    )
    expect((await fetchVersion(entitlement('ann@example.com'), product.versionId)).text).toBe(
      'the first edition',
    )
    expect((await fetchVersion(entitlement('ann@example.com'), second.versionId)).text).toBe(
      'the second edition',
    )
  })

  test('nobody is told twice: pressed twice, at once, again when it is done; bought twice, as a guest and as a member', async () => {
    const { product, tell, of } = await shipped(['ann@example.com', 'ann@example.com'])
    // She bought once more before signing up; both purchases become hers.
    const { actor } = await signUp('ann@example.com')
    await sellTo(product, { email: 'ann@example.com', memberId: actor.memberId })
    await Promise.all([tell(), tell()])
    expect(await tellAll()).toBe(1)
    expect(await tell()).toEqual({ ok: false, reason: 'nobody' })
    await Promise.all([tellAll(3), tellAll(3)])
    expect(await told()).toEqual(['ann@example.com'])
    expect((await versionOverview(db(), of.productId, of.versionId))?.notice).toMatchObject({
      state: 'done',
      told: 1,
      waiting: 0,
    })
  })

  test('only who may open it, had it before, and has not fetched the new one: the preview says so', async () => {
    const everybody = ['active@x.example', 'refunded@x.example', 'fetched@x.example']
    const { product, second, tell, of, bought, entitlement } = await shipped(everybody)
    await inTransaction((tx) =>
      followMoney(tx, [bought.get('refunded@x.example')?.lineId ?? ''], 'refunded', cause),
    )
    await fetchVersion(entitlement('fetched@x.example'), second.versionId)
    await sellTo(product, { email: 'later@x.example' })
    expect((await versionOverview(db(), of.productId, of.versionId))?.audience).toEqual({
      all: 3,
      fetched: 1,
      boughtLater: 1,
      toTell: 1,
    })
    await tell()
    await tellAll()
    expect(await told()).toEqual(['active@x.example'])
  })

  test('whoever loses it or fetches it while the list is worked on is left out', async () => {
    const { second, tell, of, bought, entitlement } = await shipped([
      'a@x.example',
      'b@x.example',
      'c@x.example',
    ])
    await tell()
    await inTransaction((tx) =>
      followMoney(tx, [bought.get('a@x.example')?.lineId ?? ''], 'disputed', cause),
    )
    await fetchVersion(entitlement('b@x.example'), second.versionId)
    await tellAll()
    expect(await told()).toEqual(['c@x.example'])
    expect((await versionOverview(db(), of.productId, of.versionId))?.notice).toMatchObject({
      told: 1,
      leftOut: 2,
      state: 'done',
    })
  })

  test('it leaves in steps, goes on where it stood after a kill, and can be stopped and taken up again', async () => {
    const buyers = Array.from({ length: 45 }, (_, at) => `b${at}@x.example`)
    const { tell, of } = await shipped(buyers)
    const owner = (await setUpOwner()).actor
    expect(await tell()).toEqual({ ok: true, people: 45 })
    expect(await tellOn()).toBe(20)
    expect(await tellOn()).toBe(0) // its next turn is in five seconds
    const notice = async () => (await versionOverview(db(), of.productId, of.versionId))?.notice
    expect(await notice()).toMatchObject({ state: 'running', told: 20, waiting: 25 })
    // A process that dies in the middle of a step has told nobody of it.
    await db()
      .updateTable('version_notice')
      .set({ next_at: new Date(0) })
      .execute()
    await expect(
      db()
        .transaction()
        .execute(async (tx) => {
          await tx.updateTable('version_notice_person').set({ state: 'told' }).execute()
          throw new Error('killed')
        }),
    ).rejects.toThrow('killed')
    expect(await notice()).toMatchObject({ told: 20, waiting: 25 })
    expect(await inTransaction((tx) => stopTelling(tx, owner, of))).toBe(true)
    expect(await tellAll(5)).toBe(0)
    expect(await inTransaction((tx) => stopTelling(tx, owner, of))).toBe(false)
    expect(await tell()).toEqual({ ok: true, people: 25 })
    expect(await tellAll()).toBe(25)
    expect((await told()).length).toBe(45)
    expect(new Set(await told()).size).toBe(45)
    const acts = await db()
      .selectFrom('audit_entry')
      .select(['action', 'actor_kind'])
      .where('action', 'like', 'version.%')
      .orderBy('id')
      .execute()
    expect(acts).toEqual([
      { action: 'version.told', actor_kind: 'system' },
      { action: 'version.telling_stopped', actor_kind: 'owner' },
      { action: 'version.told_on', actor_kind: 'system' },
    ])
  })

  test('only the newest version is told of; a removed one, and one of another product, are not there', async () => {
    const { product, second, tell, of } = await shipped(['ann@example.com'])
    const first = { productId: product.id, versionId: product.versionId }
    expect(await inTransaction((tx) => tellBuyers(tx, 'system', first))).toEqual({
      ok: false,
      reason: 'not_newest',
    })
    const other = await aFileProduct('other', 'Other')
    expect(
      await inTransaction((tx) =>
        tellBuyers(tx, 'system', { productId: other.id, versionId: second.versionId }),
      ),
    ).toEqual({ ok: false, reason: 'not_found' })
    await tell()
    await inTransaction((tx) =>
      removeVersion(tx, 'system', {
        productId: product.id,
        itemId: product.itemId,
        versionId: second.versionId,
      }),
    )
    expect(await tellAll(2)).toBe(0)
    expect(await told()).toEqual([])
    expect(await versionOverview(db(), of.productId, of.versionId)).toBeUndefined()
    expect(
      await inTransaction((tx) => tellBuyers(tx, 'system', { ...of, versionId: 'x' })),
    ).toEqual({ ok: false, reason: 'not_found' })
  })
})

test('the owner sees who has which, page by page, each person once', async () => {
  const buyers = Array.from({ length: 60 }, (_, at) => `b${String(at).padStart(2, '0')}@x.example`)
  const { second, of, entitlement } = await shipped(buyers)
  await fetchVersion(entitlement('b07@x.example'), second.versionId)
  const overview = await versionOverview(db(), of.productId, of.versionId)
  if (!overview) throw new Error('gone')
  const page = (which: 'all' | 'fetched' | 'not_fetched', turn = {}) =>
    holdersOfVersion(db(), overview.version, which, turn)
  const first = await page('all')
  const rest = await page('all', { older: first.older ?? '' })
  expect([first.rows.length, rest.rows.length, rest.older]).toEqual([50, 10, undefined])
  expect([...first.rows, ...rest.rows].map((row) => row.email)).toEqual(buyers)
  expect((await page('all', { newer: rest.newer ?? '' })).rows.map((row) => row.email)).toEqual(
    buyers.slice(0, 50),
  )
  expect((await page('fetched')).rows.map((row) => row.email)).toEqual(['b07@x.example'])
  expect((await page('not_fetched')).rows.map((row) => row.email)).not.toContain('b07@x.example')
})
