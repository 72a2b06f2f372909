import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import {
  endComp,
  giveComp,
  orderPayable,
  reassignOrder,
  takeGift,
} from '#modules/orders/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { brokenInvariants } from '../../../../test/invariants.ts'
import { mailsTo, setUpOwner } from '../../../../test/people.ts'
import { aProduct, sell, type TestProduct } from '../../../../test/sales.ts'
import { makeCode, writeKey } from '../key.ts'
import {
  answerLicenceRequest,
  endActivation,
  giveOwedKeys,
  licenceExtra,
  licencesOf,
  setLicenceOffer,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const buyer = { email: 'ann@example.com' }

async function ask(act: 'verify' | 'activate' | 'deactivate', fields: Record<string, unknown>) {
  // A network of its own for each: the limit has a test to itself.
  const { status, answer } = await answerLicenceRequest(act, fields, '203.0.113.7')
  expect(status).toBe(200)
  return answer
}

async function offered(seats = 1, prefix = 'NOTES') {
  const { actor: owner } = await setUpOwner()
  const product = await aProduct()
  const offer = (changed: { isOn?: boolean; seats?: number; prefix?: string }) =>
    inTransaction((tx) =>
      setLicenceOffer(tx, owner, product.id, { isOn: true, seats, prefix, ...changed }),
    )
  expect(await offer({})).toBe(true)
  return { owner, product, offer }
}

async function keyOf(order: { lines: readonly { id: string }[] }) {
  const [licence] = await licencesOf(
    db(),
    'order_line',
    order.lines.map((line) => line.id),
  )
  if (!licence) throw new Error('No key was given.')
  return licence
}

async function sold(seats = 1) {
  const base = await offered(seats)
  const order = await sell([base.product], buyer)
  const { key } = await keyOf(order)
  return { ...base, order, key }
}

/** What Stripe would have told about money, as payments tells it: the rows, then the payable. */
async function money(
  order: { checkoutId: string; totalMinor: number },
  change: { refundedMinor: number } | { isOpen: boolean; isLost: boolean },
) {
  await inTransaction(async (tx) => {
    const base = { checkoutId: order.checkoutId, cause: newId() }
    if ('refundedMinor' in change)
      await orderPayable.onRefunded(tx, {
        ...base,
        ...change,
        paidMinor: order.totalMinor,
        goneMinor: change.refundedMinor,
        backMinor: change.refundedMinor === 0 ? order.totalMinor : 0,
        refunds: [],
      })
    else await orderPayable.onDisputed(tx, { ...base, ...change, changes: [] })
  })
}

describe('a licence key', () => {
  test('comes with the purchase, in the receipt, once however often the line is fulfilled', async () => {
    const { order, key, product } = await sold()
    expect(key).toMatch(/^NOTES(-[0-9A-HJKMNP-TV-Z]{5}){4}$/)
    const [receipt] = await mailsTo(buyer.email)
    expect(JSON.stringify(receipt?.content)).toContain(key)
    const line = {
      source: { kind: 'order_line' as const, id: order.lines[0]?.id ?? '' },
      productId: product.id,
      customerId: order.customerId,
      quantity: 1,
    }
    await inTransaction((tx) => licenceExtra.fulfil(tx, line))
    expect((await keyOf(order)).key).toBe(key)
    expect(await brokenInvariants()).toEqual([])
  })

  test('is not given where the owner did not switch it on, nor after it was switched off', async () => {
    const { product, offer, key } = await sold()
    await offer({ isOn: false })
    const order = await sell([product, await aProduct('Other')], { email: 'ben@example.com' })
    expect(
      await licencesOf(
        db(),
        'order_line',
        order.lines.map((line) => line.id),
      ),
    ).toEqual([])
    expect(await ask('verify', { key })).toMatchObject({ valid: true })
  })

  test('is given to everybody who bought before, also while it was off, and to nobody twice', async () => {
    const { actor: owner } = await setUpOwner()
    const product = await aProduct()
    const orders = []
    for (const name of ['ann', 'ben', 'eve'])
      orders.push(await sell([product], { email: `${name}@example.com` }))
    await inTransaction((tx) =>
      setLicenceOffer(tx, owner, product.id, { isOn: true, seats: 2, prefix: '' }),
    )
    const keys = await Promise.all(orders.map(async (order) => (await keyOf(order)).key))
    expect(new Set(keys).size).toBe(3)
    // One that was being written while it was switched on.
    await sql`alter table licence disable trigger licence_stays`.execute(db())
    await db()
      .deleteFrom('licence')
      .where('source_id', '=', orders[2]?.lines[0]?.id ?? '')
      .execute()
    await sql`alter table licence enable trigger licence_stays`.execute(db())
    expect(await giveOwedKeys(500)).toBe(1)
    expect(await giveOwedKeys(500)).toBe(0)
    await passTime(3_600_000)
    await giveOwedKeys(500)
    expect(
      await db().selectFrom('licence_offer').select('owes_earlier').executeTakeFirst(),
    ).toEqual({ owes_earlier: false })
    expect(await brokenInvariants()).toEqual([])
  })

  test('survives a dispute that is won; while it is open, verify says why not [commerce 42]', async () => {
    const { order, key } = await sold()
    await db()
      .insertInto('dispute')
      .columns([
        'id',
        'payment_id',
        'backend_id',
        'stripe_dispute_id',
        'amount_minor',
        'currency',
        'reason',
        'state',
      ])
      .expression((query) =>
        query
          .selectFrom('payment')
          .select([
            sql<string>`${newId()}::uuid`.as('id'),
            'payment.id as payment_id',
            'backend_id',
            sql<string>`'du_1'`.as('stripe_dispute_id'),
            'amount_minor',
            'currency',
            sql<string>`'fraudulent'`.as('reason'),
            sql<string>`'needs_response'`.as('state'),
          ]),
      )
      .execute()
    await money(order, { isOpen: true, isLost: false })
    expect(await ask('verify', { key })).toMatchObject({ valid: false, reason: 'disputed' })
    expect(await ask('activate', { key, instance: 'a' })).toMatchObject({ reason: 'disputed' })
    await db().updateTable('dispute').set({ state: 'won' }).execute()
    await money(order, { isOpen: false, isLost: false })
    expect(await ask('verify', { key })).toMatchObject({ valid: true, reason: null })
    await db().updateTable('dispute').set({ state: 'lost' }).execute()
    await money(order, { isOpen: false, isLost: true })
    expect(await ask('verify', { key })).toMatchObject({ valid: false, reason: 'disputed' })
    expect((await keyOf(order)).key).toBe(key)
    expect(await brokenInvariants()).toEqual([])
  })

  test('is refused after a refund, and is the same again when the refund failed', async () => {
    const { order, key } = await sold()
    await ask('activate', { key, instance: 'studio' })
    await refundRow(order.checkoutId, 'succeeded')
    await money(order, { refundedMinor: order.totalMinor })
    expect(await ask('verify', { key, instance: 'studio' })).toMatchObject({
      valid: false,
      reason: 'refunded',
    })
    await refundRow(order.checkoutId, 'failed')
    await money(order, { refundedMinor: 0 })
    expect(await ask('verify', { key, instance: 'studio' })).toMatchObject({
      valid: true,
      activated: true,
    })
    expect((await keyOf(order)).key).toBe(key)
    expect(await brokenInvariants()).toEqual([])
  })

  test('stays as it is whatever the owner edits; more seats are everybody’s, fewer for new ones', async () => {
    const { order, offer, key } = await sold(2)
    await offer({ seats: 5, prefix: 'OTHER' })
    expect(await keyOf(order)).toMatchObject({ key, seats: 5 })
    await offer({ seats: 1 })
    expect(await keyOf(order)).toMatchObject({ key, seats: 5 })
    await refundRow(order.checkoutId, 'succeeded')
    await money(order, { refundedMinor: order.totalMinor })
    await offer({ isOn: false })
    await offer({ isOn: true })
    expect(await ask('verify', { key })).toMatchObject({ valid: false, reason: 'refunded' })
  })

  test('moves with its order, and who had it before loses the seats', async () => {
    const { owner, order, key } = await sold(2)
    await ask('activate', { key, instance: 'old' })
    await inTransaction((tx) =>
      reassignOrder(tx, owner, order.id, { email: 'ben@example.com', reason: 'typed wrongly' }),
    )
    expect(await ask('verify', { key, instance: 'old' })).toMatchObject({
      valid: false,
      reason: 'not_activated',
      activations: 0,
    })
    expect(await ask('activate', { key, instance: 'new' })).toMatchObject({ valid: true })
    expect((await keyOf(order)).key).toBe(key)
    expect(await brokenInvariants()).toEqual([])
  })

  test('comes with what is given, and ends with it', async () => {
    const { owner, product } = await offered()
    const given = await inTransaction((tx) =>
      giveComp(tx, owner, { email: 'ann@example.com', productId: product.id, reason: 'a friend' }),
    )
    const compId = given.ok ? given.compId : ''
    const [licence] = await licencesOf(db(), 'comp', [compId])
    const key = licence?.key ?? ''
    expect(await ask('verify', { key })).toMatchObject({ valid: true, rehearsal: false })
    await inTransaction((tx) => endComp(tx, owner, compId, 'no friend'))
    expect(await ask('verify', { key })).toMatchObject({ valid: false, reason: 'ended' })
  })

  test('waits with a gift for whoever takes it', async () => {
    const { product } = await offered()
    const order = await sell([product], buyer, { toEmail: undefined })
    await giveOwedKeys(500)
    expect(await licencesOf(db(), 'order_line', [order.lines[0]?.id ?? ''])).toEqual([])
    await inTransaction((tx) => takeGift(tx, order.id, { email: 'tina@example.com' }))
    const { key } = await keyOf(order)
    expect(await ask('verify', { key })).toMatchObject({ valid: true })
  })
})

async function refundRow(checkoutId: string, state: string) {
  const payment = await db()
    .selectFrom('payment')
    .select(['id', 'backend_id', 'amount_minor', 'currency'])
    .where('checkout_id', '=', checkoutId)
    .executeTakeFirstOrThrow()
  await db().deleteFrom('refund').where('payment_id', '=', payment.id).execute()
  await db()
    .insertInto('refund')
    .values({
      id: newId(),
      payment_id: payment.id,
      backend_id: payment.backend_id,
      amount_minor: payment.amount_minor,
      currency: payment.currency,
      state,
    })
    .execute()
  await db()
    .updateTable('payment')
    .set({ refunded_minor: state === 'failed' ? 0 : payment.amount_minor })
    .where('id', '=', payment.id)
    .execute()
}

describe('seats', () => {
  /** A line of several, as an order of several has it. */
  async function several(quantity: number, seats: number) {
    const base = await offered(seats)
    const order = await sell([base.product], buyer)
    const line = {
      source: { kind: 'order_line' as const, id: order.lines[0]?.id ?? '' },
      productId: base.product.id,
      customerId: order.customerId,
      quantity,
    }
    await inTransaction((tx) => licenceExtra.resize(tx, line, quantity))
    return { ...base, order, line, key: (await keyOf(order)).key }
  }

  test('are those of one times what was bought; one given back takes its seats [commerce 36]', async () => {
    const { line, order, key } = await several(3, 2)
    for (const instance of ['a', 'b', 'c', 'd', 'e']) {
      expect(await ask('activate', { key, instance })).toMatchObject({ valid: true, seats: 6 })
      await passTime(7_200_000)
    }
    await ask('verify', { key, instance: 'a' })
    await inTransaction((tx) => licenceExtra.resize(tx, line, 2))
    // Those seen longest ago are let go.
    expect(await keyOf(order)).toMatchObject({ seats: 4, seatsUsed: 4, key })
    const left = (await keyOf(order)).activations.map((one) => one.instance)
    expect(left.toSorted()).toEqual(['a', 'c', 'd', 'e'])
    expect(await ask('verify', { key, instance: 'b' })).toMatchObject({ reason: 'not_activated' })
    await inTransaction((tx) => licenceExtra.resize(tx, line, 0))
    expect(await keyOf(order)).toMatchObject({ seats: 4, seatsUsed: 4 })
    await inTransaction((tx) => licenceExtra.resize(tx, line, 3))
    expect(await keyOf(order)).toMatchObject({ seats: 6, seatsUsed: 4 })
  })

  test('are never taken by more than there are, however many ask at once', async () => {
    const { key, order } = await sold(3)
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => ask('activate', { key, instance: `i${at}` })),
    )
    expect(answers.filter((one) => one.valid)).toHaveLength(3)
    expect(answers.filter((one) => one.reason === 'no_seats')).toHaveLength(9)
    expect(await keyOf(order)).toMatchObject({ seatsUsed: 3 })
    // And where the program would be wrong, the database refuses.
    const { id } = await keyOf(order)
    await expect(
      db().insertInto('licence_activation').values({ licence_id: id, instance: 'x' }).execute(),
    ).rejects.toThrow('licence_seats_suffice')
    expect(await brokenInvariants()).toEqual([])
  })

  test('are kept by the same instance, however often and at once it asks; given back once', async () => {
    const { key } = await sold(2)
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => ask('activate', { key, instance: 'same', name: 'Studio' })),
    )
    for (const one of answers)
      expect(one).toMatchObject({ valid: true, activated: true, activations: 1 })
    await Promise.all([
      ...Array.from({ length: 3 }, () => ask('deactivate', { key, instance: 'same' })),
      ...Array.from({ length: 3 }, () => ask('activate', { key, instance: 'other' })),
    ])
    expect(await ask('deactivate', { key, instance: 'same' })).toMatchObject({
      valid: true,
      activated: false,
      activations: 1,
    })
    expect(await brokenInvariants()).toEqual([])
  })

  test('are given back by the holder or the owner, on record, and by nobody else', async () => {
    const { owner, order, key, product } = await sold()
    await ask('activate', { key, instance: 'studio', name: 'Studio' })
    const { activations } = await keyOf(order)
    const id = activations[0]?.id ?? ''
    const other = await sell([product], { email: 'ben@example.com' })
    const end = (lines: readonly { id: string }[], activation: string) =>
      inTransaction((tx) =>
        endActivation(
          tx,
          { kind: 'owner', memberId: owner.memberId },
          { kind: 'order_line', ids: lines.map((line) => line.id) },
          activation,
        ),
      )
    expect(await end(other.lines, id)).toBe(false)
    expect(await end(order.lines, newId())).toBe(false)
    expect(await end(order.lines, 'no id')).toBe(false)
    expect(await end(order.lines, id)).toBe(true)
    expect(await end(order.lines, id)).toBe(false)
    expect(await ask('verify', { key, instance: 'studio' })).toMatchObject({
      reason: 'not_activated',
    })
    const acts = await db()
      .selectFrom('audit_entry')
      .select('detail')
      .where('action', '=', 'licence.activation_ended')
      .execute()
    expect(acts).toEqual([{ detail: { instance: 'studio', name: 'Studio' } }])
  })
})

describe('what software is answered', () => {
  const fields = [
    'activated',
    'activations',
    'message',
    'product',
    'product_id',
    'reason',
    'rehearsal',
    'seats',
    'valid',
  ]

  test('has the same fields always, and never a person', async () => {
    const { key, product } = await sold()
    await ask('activate', { key, instance: 'a' })
    const answers = [
      await ask('verify', { key }),
      await ask('verify', { key, product: product.id }),
      await ask('verify', { key: 'nonsense' }),
      await ask('verify', { key: writeKey('NOTES', makeCode()) }),
      await ask('verify', { key, product: 'another' }),
      await ask('verify', { key, instance: 'b' }),
      await ask('activate', { key, instance: 'b' }),
      await ask('deactivate', { key: writeKey('', makeCode()), instance: 'b' }),
      await ask('deactivate', { key, instance: 'b', product: 'another' }),
      (await answerLicenceRequest('verify', undefined, 'x')).answer,
      (await answerLicenceRequest('activate', { key }, 'x')).answer,
    ]
    expect(answers.map((one) => one.reason)).toEqual([
      null,
      null,
      'mistyped',
      'unknown',
      'other_product',
      'not_activated',
      'no_seats',
      'unknown',
      'other_product',
      'bad_request',
      'bad_request',
    ])
    for (const one of answers) {
      expect(Object.keys(one).toSorted()).toEqual(fields)
      expect(one.valid).toBe(one.reason === null)
      expect(JSON.stringify(one)).not.toContain('ann@')
    }
    expect(answers[0]).toMatchObject({
      seats: 1,
      activations: 1,
      rehearsal: true,
      activated: false,
    })
  })

  test('knows the product by its id, its address and its former addresses', async () => {
    const { key, product } = await sold()
    const { slug } = await db()
      .selectFrom('product')
      .select('slug')
      .where('id', '=', product.id)
      .executeTakeFirstOrThrow()
    await db()
      .insertInto('product_former_slug')
      .values({ slug: 'once-called', product_id: product.id })
      .execute()
    for (const name of [product.id, slug, 'once-called', '', ` ${slug}\n`])
      expect(await ask('verify', { key, product: name })).toMatchObject({ valid: true })
  })

  test('is 400 for what cannot be asked, whatever is sent', async () => {
    for (const sent of [
      undefined,
      {},
      { key: 5 },
      { key: null },
      { key: 'x'.repeat(201) },
      { key: 'x', instance: ['a'] },
      { key: 'x', instance: 'a'.repeat(201) },
      { key: 'x', name: {} },
      { key: 'x', product: 1 },
    ]) {
      const { status, answer } = await answerLicenceRequest('verify', sent, 'x')
      expect([status, answer.reason]).toEqual([400, 'bad_request'])
      expect(answer.message).toMatch(/\.$/)
    }
    const { key } = await sold()
    for (const instance of [undefined, '', ' \u0000 '])
      expect((await answerLicenceRequest('activate', { key, instance }, 'x')).status).toBe(400)
    expect(
      await ask('activate', { key, instance: 'a\u0000b\u202e', name: '\u0000' }),
    ).toMatchObject({
      valid: true,
    })
  })

  test('is 429 for one network that asks too much, and about one key from many', async () => {
    const { key } = await sold()
    let last = await answerLicenceRequest('verify', { key }, '198.51.100.1')
    for (let at = 0; at < 60; at++)
      last = await answerLicenceRequest('verify', { key }, `198.51.100.${at}`)
    expect(last.status).toBe(429)
    expect(last.answer.reason).toBe('too_many')
    expect(last.retryAfterSeconds).toBeGreaterThan(0)
    for (let at = 0; at < 301; at++)
      last = await answerLicenceRequest('verify', { key: 'nonsense' }, '192.0.2.1')
    expect(last.status).toBe(429)
  })
})

test('a copy of a product gives keys as the first does', async () => {
  const { product } = await offered(4, 'COPY')
  const copy: TestProduct = await aProduct('Copy')
  await inTransaction((tx) => licenceExtra.copy(tx, product.id, copy.id))
  expect(await keyOf(await sell([copy], buyer))).toMatchObject({ seats: 4 })
})
