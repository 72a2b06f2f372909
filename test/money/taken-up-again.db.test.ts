import { sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import type { Agreement } from '#modules/cart/enclosed.ts'
import { answersOf, consentsOf, place, quoteCart } from '#modules/cart/server/index.ts'
import { addQuestion, questionsFor } from '#modules/catalog/server/index.ts'
import { mayUse } from '#modules/entitlements/server/index.ts'
import {
  giftOfLink,
  giftPath,
  giftOf,
  orderOfCheckout,
  takeGift,
} from '#modules/orders/server/index.ts'
import { sendToPay, sweepPayments, syncCheckout } from '#modules/payments/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { loseSale, untilTakenUp } from '../lost-sales.ts'
import {
  accessOf,
  brokenInvariants,
  makeProduct,
  outcomeOf,
  passTimeEverywhere,
  sessionOf,
  stripeItself,
  untilInboxIsEmpty,
  useMoney,
  type TestProduct,
} from '../money.ts'
import { mailsTo, setUpOwner, signUp } from '../people.ts'

// What a buyer said before paying, when the database came back from a copy that is older than the sale.

const money = useMoney()

afterEach(async () => {
  await money.sandbox.control.setChaos({})
  expect(await brokenInvariants()).toEqual([])
})

const nothing: Agreement = { consents: [], answers: [], gift: undefined }
const consents = [
  { kind: 'immediate_delivery' as const, words: 'I want it at once, and know what I give up' },
  { kind: 'terms' as const, words: 'I agree to: Terms' },
]
const gift = {
  fromName: 'Ann',
  toName: 'Tina',
  toEmail: 'tina@example.com',
  message: 'For your\nbirthday',
}

async function opened(product: TestProduct, agreed: Agreement) {
  const cart = {
    entries: [{ productId: product.productId, quantity: 1, chosenMinor: undefined }],
    code: undefined,
  }
  const buyer = { member: undefined, email: undefined, visitor: undefined, network: '192.0.2.0' }
  const placed = await inTransaction(
    async (tx) => place(tx, await quoteCart(tx, cart), buyer, agreed),
    'money',
  )
  if (!placed.ok) throw new Error(placed.refusal.reason)
  return placed.opened
}

/** Sells with what was agreed to; the money is there, and no event has told of it. */
async function paid(product: TestProduct, agreed: Agreement, email = 'ada@example.com') {
  const checkout = await opened(product, agreed)
  const sent = await sendToPay(checkout)
  if (!sent.ok) throw new Error(sent.reason)
  const session = await sessionOf(checkout.id)
  await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
  await money.sandbox.control.pay({ session, email })
  return { id: checkout.id, session }
}

async function aQuestion(product: TestProduct, question: string): Promise<string> {
  const owner = (await db()
    .selectFrom('member')
    .select('id')
    .where('role', '=', 'owner')
    .executeTakeFirst()) ?? { id: (await setUpOwner()).actor.memberId }
  await inTransaction((tx) =>
    addQuestion(
      tx,
      { kind: 'owner', memberId: owner.id } as never,
      { productId: product.productId, asked: 'buying' },
      {
        question,
        help: '',
        answerKind: 'lines',
        choices: [],
        isRequired: false,
      },
    ),
  )
  const asked = (await questionsFor(db(), [product.productId])).get(product.productId)
  return asked?.find((one) => one.question === question)?.id ?? ''
}

const noteOf = async (session: string) =>
  (await stripeItself().checkout.sessions.retrieve(session)).metadata ?? {}
const wordsOf = async (session: string) =>
  (
    await db()
      .selectFrom('stripe_event')
      .select('outcome')
      .where('object_id', '=', session)
      .orderBy('received_at')
      .execute()
  ).map((event) => event.outcome)

test('a gift that a restored database does not know is the recipient’s again, with its words; its buyer gets the receipt alone', async () => {
  const product = await makeProduct()
  const { actor: ann } = await signUp('ann@example.com')
  const { actor: tina } = await signUp('tina@example.com')
  const sale = await paid(product, { ...nothing, gift }, 'ann@example.com')
  await loseSale(sale.id)
  await untilTakenUp(money, sale.id)
  const order = await orderOfCheckout(db(), sale.id)
  const again = await giftOf(db(), order?.id ?? '')
  expect(again).toMatchObject({ state: 'waiting', words: gift })
  expect(await accessOf(sale.id)).toEqual([])
  const templates = async (email: string) => (await mailsTo(email)).map((mail) => mail.template)
  expect(await templates('ann@example.com')).toContain('receipt')
  expect(await templates('tina@example.com')).toContain('gift')
  await inTransaction((tx) =>
    takeGift(tx, order?.id ?? '', { email: 'tina@example.com', memberId: tina.memberId }),
  )
  expect(await mayUse(db(), tina.memberId, 'product', product.productId)).toBe(true)
  expect(await mayUse(db(), ann.memberId, 'product', product.productId)).toBe(false)
})

test('a gift that was taken before the database was lost waits again, and the link in its first mail takes it', async () => {
  const product = await makeProduct()
  const { actor: tina } = await signUp('tina2@example.com')
  const taker = { email: tina.email, memberId: tina.memberId }
  const sale = await paid(product, { ...nothing, gift: { ...gift, toEmail: tina.email } })
  await syncCheckout(sale.id, { cause: 'return page', lane: 'person' })
  const first = await orderOfCheckout(db(), sale.id)
  if (!first) throw new Error('no order')
  const { pathname, searchParams } = new URL(giftPath(first), 'http://shop.example')
  expect(await inTransaction((tx) => takeGift(tx, first.id, taker))).toMatchObject({ ok: true })
  await loseSale(sale.id)
  expect(await mayUse(db(), tina.memberId, 'product', product.productId)).toBe(false)
  await untilTakenUp(money, sale.id)
  const found = await giftOfLink(db(), pathname.split('/')[2] ?? '', searchParams.get('t') ?? '')
  expect(found).toMatchObject({ state: 'waiting', words: { message: gift.message } })
  expect(found?.order.id).not.toBe(first.id)
  await inTransaction((tx) => takeGift(tx, found?.order.id ?? '', taker))
  // Told of once more: what was taken stays taken.
  await db().deleteFrom('stripe_event').where('object_id', '=', sale.session).execute()
  await untilTakenUp(money, sale.id)
  expect(await giftOf(db(), found?.order.id ?? '')).toMatchObject({ state: 'taken' })
  expect(await outcomeOf(sale.id)).toMatchObject({ orders: 1, payments: 1, entitlements: 1 })
})

test('consents and answers come back word by word, whatever signs are in them; at Stripe they cannot be read', async () => {
  const product = await makeProduct()
  const hostile = '"]},\\u0000\\ <script>😈 ‮ ’ \n\t漢字 {{x}} %00 ${y}'
  const questionId = await aQuestion(product, 'What “for”?')
  const answers = [{ position: 0, questionId, question: 'What “for”?', answer: hostile }]
  const sale = await paid(product, { ...nothing, consents, answers })
  const before = await consentsOf(db(), sale.id)
  const note = await noteOf(sale.session)
  expect(JSON.stringify(note)).not.toMatch(/script|at once|漢|What/)
  await loseSale(sale.id)
  // Asked since the copy was taken: this database does not know the question either.
  await sql`delete from product_question where id = ${questionId}`.execute(db())
  await untilTakenUp(money, sale.id)
  const after = await consentsOf(db(), sale.id)
  expect(after.map(({ kind, words }) => ({ kind, words }))).toEqual(consents)
  for (const [at, consent] of after.entries())
    expect(Math.abs(consent.at.getTime() - (before[at]?.at.getTime() ?? 0))).toBeLessThan(1_000)
  expect(await answersOf(db(), sale.id)).toEqual([
    { position: 0, question: 'What “for”?', answer: hostile },
  ])
  expect((await questionsFor(db(), [product.productId])).size).toBe(0)
  expect(await wordsOf(sale.session)).toContain(
    'Taken up again from its note at Stripe. Fulfilled.',
  )
})

test('answers too long for the note are left out whole and say so; what matters more is kept', async () => {
  const product = await makeProduct()
  const ids = []
  for (let at = 0; at < 6; at++) ids.push(await aQuestion(product, `Question ${at}`))
  const answers = ids.map((questionId, at) => ({
    position: 0,
    questionId,
    question: `Question ${at}`,
    answer: at === 5 ? 'Short' : `${at}`.repeat(5_000),
  }))
  const sale = await paid(product, { consents, answers, gift })
  const note = await noteOf(sale.session)
  expect(Object.keys(note).length).toBeLessThanOrEqual(50)
  await loseSale(sale.id)
  await untilTakenUp(money, sale.id)
  expect((await consentsOf(db(), sale.id)).map(({ kind, words }) => ({ kind, words }))).toEqual(
    consents,
  )
  const order = await orderOfCheckout(db(), sale.id)
  expect(await giftOf(db(), order?.id ?? '')).toMatchObject({ words: gift })
  const told = new Map(
    (await answersOf(db(), sale.id)).map((one) => [one.question, one.answer] as const),
  )
  expect([...told.keys()].toSorted()).toEqual(answers.map((one) => one.question))
  for (const { question, answer } of answers)
    expect([answer, expect.stringContaining('too long to be kept')]).toContainEqual(
      told.get(question),
    )
  expect(told.get('Question 0')).toBe(answers[0]?.answer)
  expect(told.get('Question 4')).toContain('too long to be kept')
  expect(told.get('Question 5')).toBe('Short')
})

test('a sale told of twice at once, and again later, is taken up once', async () => {
  const sale = await paid(await makeProduct(), { ...nothing, consents, gift })
  await loseSale(sale.id)
  await money.sandbox.control.setChaos({ deliveries: { duplicate: 1 } })
  await untilTakenUp(money, sale.id)
  await db().deleteFrom('stripe_event').where('object_id', '=', sale.session).execute()
  await untilTakenUp(money, sale.id)
  expect(await outcomeOf(sale.id)).toMatchObject({
    state: 'paid',
    orders: 1,
    payments: 1,
    receipts: 1,
    fulfilments: 1,
    entitlements: 0,
  })
  expect(await consentsOf(db(), sale.id)).toHaveLength(2)
})

test('a session whose answer was lost is asked for again with the same note, and the note is then kept at Stripe alone', async () => {
  const enclosureOf = async (id: string) =>
    (
      await db()
        .selectFrom('checkout')
        .select('enclosure')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    ).enclosure
  const checkout = await opened(await makeProduct(), { ...nothing, consents, gift })
  expect(await enclosureOf(checkout.id)).toMatch(/^v1\./)
  await money.sandbox.control.setChaos({
    api: { methods: ['POST'], paths: ['/v1/checkout/sessions'], reset_after: 1 },
  })
  expect(await sendToPay(checkout)).toEqual({ ok: false, reason: 'unreachable' })
  await money.sandbox.control.setChaos({})
  await passTimeEverywhere(money, 3 * 60_000)
  await sweepPayments()
  expect(await enclosureOf(checkout.id)).toBeNull()
  const note = await noteOf(await sessionOf(checkout.id))
  expect(note).toHaveProperty('enclosed_1')
  await untilInboxIsEmpty()
})
