import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chargeOf, idOf, openShop, refusal, type Shop } from '../testing/shop.ts'

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
    await shop.stripe.disputes.update(dispute.id, { metadata: { case: '7' } })
    const submitted = await shop.stripe.disputes.update(dispute.id, { submit: true })
    expect(submitted.status).toBe('under_review')
    expect(
      (await refusal(shop.stripe.disputes.update(dispute.id, { evidence: { receipt: 'x' } })))
        .statusCode,
    ).toBe(400)
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
