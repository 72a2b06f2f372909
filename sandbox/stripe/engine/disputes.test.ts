import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EVIDENCE, EVIDENCE_FILES } from './objects/dispute.ts'
import { chargeOf, idOf, openShop, refusal, type Shop } from '../testing/shop.ts'

const LONG_TEXTS = [
  'access_activity_log',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'duplicate_charge_explanation',
  'product_description',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'uncategorized_text',
]

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

/** Sells with a card that is disputed, and gives back the dispute. */
async function disputed(card: string): Promise<Stripe.Dispute> {
  const intent = await shop.sell(card)
  await shop.control.advance('1s')
  const [dispute] = (await shop.stripe.disputes.list({ payment_intent: intent.id })).data
  if (dispute === undefined) throw new Error('There is no dispute')
  return dispute
}

const balanceOf = async (dispute: Stripe.Dispute): Promise<number> => {
  const { balance_transactions } = await shop.stripe.disputes.retrieve(dispute.id)
  return balance_transactions.reduce((sum, one) => sum + one.net, 0)
}

describe('a chargeback', () => {
  it('[payments 63] takes the money and a fee at once', async () => {
    const dispute = await disputed('4000000000000259')
    expect(dispute).toMatchObject({
      status: 'needs_response',
      reason: 'fraudulent',
      amount: 2_400,
      is_charge_refundable: false,
      evidence_details: { has_evidence: false, submission_count: 0 },
    })
    expect(await balanceOf(dispute)).toBe(-2_400 - 1_500)
    expect(await shop.stripe.charges.retrieve(idOf(dispute.charge))).toMatchObject({
      disputed: true,
    })
    const types = await shop.eventTypes(dispute.id)
    expect(types).toEqual(['charge.dispute.created', 'charge.dispute.funds_withdrawn'])
  })

  it('is won with evidence that convinces, and the money comes back', async () => {
    const dispute = await disputed('4000000000000259')
    const answered = await shop.stripe.disputes.update(dispute.id, {
      evidence: { uncategorized_text: 'winning_evidence', product_description: 'A workbook' },
      submit: true,
    })
    expect(answered).toMatchObject({
      status: 'under_review',
      evidence: { product_description: 'A workbook' },
      evidence_details: { has_evidence: true, submission_count: 1, submission_method: 'manual' },
    })
    await shop.control.advance('1s')
    expect((await shop.stripe.disputes.retrieve(dispute.id)).status).toBe('won')
    expect(await balanceOf(dispute)).toBe(-1_500)
    expect(await shop.eventTypes(dispute.id)).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.updated',
      'charge.dispute.closed',
      'charge.dispute.funds_reinstated',
    ])
  })

  it('is lost with evidence that does not convince, when given up, and when nobody answers', async () => {
    const unconvincing = await disputed('4000000000002685')
    expect(unconvincing.reason).toBe('product_not_received')
    await shop.stripe.disputes.update(unconvincing.id, {
      evidence: { uncategorized_text: 'losing_evidence' },
    })
    const givenUp = await disputed('4000000000000259')
    expect((await shop.stripe.disputes.close(givenUp.id)).status).toBe('lost')
    const unanswered = await disputed('4000000000000259')
    await shop.control.advance('8d')
    for (const dispute of [unconvincing, unanswered])
      expect((await shop.stripe.disputes.retrieve(dispute.id)).status).toBe('lost')
    expect(await shop.stripe.disputes.retrieve(unanswered.id)).toMatchObject({
      evidence_details: { past_due: true },
    })
    expect(await shop.eventTypes(givenUp.id)).toContain('charge.dispute.closed')
  })

  it('can be prepared before it is answered', async () => {
    const dispute = await disputed('4000000000000259')
    const staged = await shop.stripe.disputes.update(dispute.id, {
      evidence: { customer_name: 'Ann' },
      submit: false,
    })
    expect(staged).toMatchObject({
      status: 'needs_response',
      evidence: { customer_name: 'Ann' },
      evidence_details: { submission_count: 0 },
    })
    const noted = await shop.stripe.disputes.update(dispute.id, { metadata: { case: '7' } })
    expect(noted).toMatchObject({
      evidence_details: { has_evidence: true, submission_count: 0, past_due: false },
    })
    const submitted = await shop.stripe.disputes.update(dispute.id, { submit: true })
    expect(submitted.status).toBe('under_review')
    expect(
      (await refusal(shop.stripe.disputes.update(dispute.id, { evidence: { receipt: 'x' } })))
        .statusCode,
    ).toBe(400)
  })

  it('takes texts of every kind, long ones too, and no files', async () => {
    const dispute = await disputed('4000000000000259')
    const texts = Object.fromEntries(
      EVIDENCE.filter((name) => !EVIDENCE_FILES.has(name)).map((name) => [name, `about ${name}`]),
    )
    const access_activity_log = 'x'.repeat(20_000)
    const answered = await shop.stripe.disputes.update(dispute.id, {
      evidence: { ...texts, access_activity_log },
      submit: false,
    })
    expect(answered.evidence).toMatchObject({ ...texts, access_activity_log })
    for (const [evidence, param] of [
      [{ uncategorized_text: 'x'.repeat(20_001) }, 'evidence[uncategorized_text]'],
      [{ receipt: 'file_1' }, 'evidence[receipt]'],
      [{ enhanced_evidence: '' }, 'evidence[enhanced_evidence]'],
      [Object.fromEntries(LONG_TEXTS.map((name) => [name, 'x'.repeat(19_999)])), 'evidence'],
    ] as const)
      expect(
        await refusal(shop.stripe.disputes.update(dispute.id, { evidence, submit: false })),
      ).toMatchObject({ statusCode: 400, param })
  })

  it('is not answered by a note in its metadata', async () => {
    const dispute = await disputed('4000000000000259')
    const noted = await shop.stripe.disputes.update(dispute.id, { metadata: { case: '8' } })
    expect(noted).toMatchObject({
      status: 'needs_response',
      evidence_details: { has_evidence: false, submission_method: 'not_submitted' },
    })
  })

  it('is too late to be answered when its time is over', async () => {
    const dispute = await disputed('4000000000000259')
    await shop.control.advance('8d')
    const late = shop.stripe.disputes.update(dispute.id, { evidence: { customer_name: 'Ann' } })
    expect(await refusal(late)).toMatchObject({ statusCode: 400, param: 'evidence' })
    expect(await shop.stripe.disputes.retrieve(dispute.id)).toMatchObject({
      status: 'lost',
      evidence: { customer_name: 'Test Buyer' },
    })
  })

  it('of a part takes that part, and of a refunded charge all of it', async () => {
    const intent = await shop.sell()
    const charge = chargeOf(intent).id
    const trigger = (more: object): ReturnType<typeof shop.control.trigger> =>
      shop.control.trigger({ event: 'charge.dispute.created', charge, ...more })
    await expect(trigger({ amount: 2_401 })).rejects.toThrow('can be disputed')
    await expect(trigger({ reason: 'nonsense' })).rejects.toThrow('reason is one of')
    await shop.stripe.refunds.create({ charge, amount: 1_400 })
    const dispute = await trigger({ amount: 600, reason: 'product_unacceptable' })
    expect(dispute).toMatchObject({
      amount: 600,
      payment_method_details: { card: { network_reason_code: '13.3' } },
    })
    await expect(trigger({})).rejects.toThrow('already disputed')
    await shop.control.trigger({ event: 'dispute.lose', dispute: dispute['id'] })
    expect(await refusal(shop.stripe.refunds.create({ charge }))).toMatchObject({
      code: 'charge_disputed',
    })
    const refunded = chargeOf(await shop.sell()).id
    await shop.stripe.refunds.create({ charge: refunded })
    // Banks do not always know of a refund: then the seller pays twice until the dispute is won.
    expect(
      await shop.control.trigger({ event: 'charge.dispute.created', charge: refunded }),
    ).toMatchObject({ amount: 2_400, status: 'needs_response' })
  })

  it('that was won leaves its charge to be refunded', async () => {
    const dispute = await disputed('4000000000000259')
    await shop.control.trigger({ event: 'dispute.win', dispute: dispute.id })
    const refund = await shop.stripe.refunds.create({ charge: idOf(dispute.charge) })
    expect(refund).toMatchObject({ amount: 2_400, status: 'succeeded' })
  })

  it('overtakes refunds that are on their way', async () => {
    const intent = await shop.sell('4000000000007726')
    const refund = await shop.stripe.refunds.create({ payment_intent: intent.id })
    const dispute = await shop.control.trigger({
      event: 'charge.dispute.created',
      charge: chargeOf(intent).id,
    })
    expect(dispute).toMatchObject({ amount: 2_400 })
    expect(await shop.stripe.refunds.retrieve(refund.id)).toMatchObject({
      status: 'failed',
      failure_reason: 'charge_for_pending_refund_disputed',
    })
  })

  it('keeps its charge from being refunded', async () => {
    const dispute = await disputed('4000000000000259')
    expect(
      await refusal(shop.stripe.refunds.create({ charge: idOf(dispute.charge) })),
    ).toMatchObject({ code: 'charge_disputed' })
  })

  it('that is closed cannot be decided again', async () => {
    const dispute = await disputed('4000000000000259')
    await shop.stripe.disputes.close(dispute.id)
    expect((await refusal(shop.stripe.disputes.close(dispute.id))).statusCode).toBe(400)
  })
})

describe('an inquiry', () => {
  it('takes no money, and ends when the buyer is refunded', async () => {
    const inquiry = await disputed('4000000000001976')
    expect(inquiry).toMatchObject({ status: 'warning_needs_response', is_charge_refundable: true })
    expect(await balanceOf(inquiry)).toBe(0)
    await shop.stripe.refunds.create({ charge: idOf(inquiry.charge) })
    expect((await shop.stripe.disputes.retrieve(inquiry.id)).status).toBe('warning_closed')
  })

  it('becomes a chargeback when it is escalated', async () => {
    const inquiry = await disputed('4000000000001976')
    await shop.stripe.disputes.update(inquiry.id, {
      evidence: { uncategorized_text: 'escalate_inquiry_evidence' },
    })
    await shop.control.advance('1s')
    expect(await shop.stripe.disputes.retrieve(inquiry.id)).toMatchObject({
      status: 'needs_response',
      is_charge_refundable: false,
    })
    expect(await balanceOf(inquiry)).toBe(-3_900)
  })

  it('argues only about what was not given back in the meantime', async () => {
    const inquiry = await disputed('4000000000001976')
    await shop.stripe.refunds.create({ charge: idOf(inquiry.charge), amount: 1_000 })
    await shop.control.trigger({ event: 'dispute.escalate', dispute: inquiry.id })
    const chargeback = await shop.stripe.disputes.retrieve(inquiry.id)
    expect(chargeback).toMatchObject({
      amount: 1_400,
      status: 'needs_response',
      payment_method_details: { card: { case_type: 'chargeback' } },
    })
    expect(await balanceOf(inquiry)).toBe(-2_900)
    await shop.control.trigger({ event: 'dispute.win', dispute: inquiry.id })
    expect(await balanceOf(inquiry)).toBe(-1_500)
  })

  it('that was answered ends when nothing comes of it', async () => {
    const inquiry = await disputed('4000000000001976')
    const answered = await shop.stripe.disputes.update(inquiry.id, {
      evidence: { uncategorized_text: 'Downloaded twice' },
    })
    expect(answered.status).toBe('warning_under_review')
    await shop.control.advance('119d')
    expect((await shop.stripe.disputes.retrieve(inquiry.id)).status).toBe('warning_under_review')
    await shop.control.advance('2d')
    expect((await shop.stripe.disputes.retrieve(inquiry.id)).status).toBe('warning_closed')
  })

  it('ends by itself when nobody answers', async () => {
    const inquiry = await disputed('4000000000001976')
    await shop.control.advance('8d')
    expect((await shop.stripe.disputes.retrieve(inquiry.id)).status).toBe('warning_closed')
  })
})

it('any paid charge can be made to be disputed', async () => {
  const intent = await shop.sell()
  const dispute = await shop.control.trigger({
    event: 'charge.dispute.created',
    charge: chargeOf(intent).id,
    reason: 'duplicate',
  })
  expect(dispute).toMatchObject({ object: 'dispute', reason: 'duplicate' })
  const closed = await shop.control.trigger({
    event: 'charge.dispute.closed',
    dispute: dispute['id'],
    outcome: 'won',
  })
  expect(closed).toMatchObject({ status: 'won' })
})
