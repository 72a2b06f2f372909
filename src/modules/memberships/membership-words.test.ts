import { describe, expect, test } from 'vitest'
import { accessOf, type Standing } from './access.ts'
import { cardWords, membershipWords, nextForOwner, owedWords } from './membership-words.ts'

const now = new Date('2026-11-22T12:00:00Z')
const dates = { zone: 'UTC', locale: 'en-GB' }
const ends = new Date('2026-12-01T09:30:00Z')

function told(standing: Partial<Standing>) {
  return membershipWords(heldAs(standing), dates)
}

function heldAs(standing: Partial<Standing>, pauseKeepsAccess = false) {
  const known: Standing = {
    status: 'active',
    periodEndsAt: ends,
    cancelsAt: undefined,
    pastDueSince: undefined,
    isPaused: false,
    money: 'kept',
    ...standing,
  }
  return {
    ...known,
    access: accessOf(known, { graceDays: 7, pauseKeepsAccess }, now),
    amountMinor: 2_400,
    currency: 'EUR',
    interval: { unit: 'month', count: 3 },
    trialEndsAt: known.status === 'trialing' ? ends : undefined,
    endedAt: known.status === 'canceled' ? ends : undefined,
  } as const
}

test('a pause that shuts nothing is told as a pause, not as a renewal [commerce 61]', () => {
  expect(membershipWords(heldAs({ isPaused: true }, true), dates)).toEqual({
    word: 'Paused',
    tone: 'quiet',
    next: 'Nothing is charged until it goes on. Everything stays open meanwhile.',
  })
})

test.each([
  [{}, 'Renews at 1 Dec 2026, 09:30.'],
  [{ status: 'trialing' }, 'Free until 1 Dec 2026, 09:30, then €24.00 every 3 months.'],
  [{ cancelsAt: ends }, 'Cancelled; open for them until 1 Dec 2026, 09:30.'],
  [{ status: 'unpaid' }, 'A payment failed and never came; closed until it does.'],
  [{ isPaused: true }, 'Nothing is charged, and what it opened is closed for them.'],
  [{ status: 'canceled', isPaused: true }, 'It ended at 1 Dec 2026, 09:30.'],
  [{ money: 'disputed' }, 'A payment is disputed. Closed for them until it is decided.'],
  [
    { money: 'dispute_lost', status: 'canceled' },
    'A dispute was lost, which ended it. Nothing more is charged.',
  ],
  [
    { money: 'refunded' },
    'The payment for this period went back at Stripe, so it is closed for them. It renews at 1 Dec 2026, 09:30 and opens again then. End it, or open it for them now.',
  ],
  [
    { money: 'refunded', status: 'canceled' },
    'Its payment went back, which ended it. Nothing more is charged.',
  ],
] as const)('the owner reads what is next: %o', (standing, words) => {
  expect(nextForOwner(heldAs(standing), dates)).toBe(words)
})

test('money that went back is told to its holder, with what is charged next', () => {
  expect(told({ money: 'refunded' })).toMatchObject({
    word: 'Refunded',
    next: expect.stringContaining('It opens again when it renews on 1 ') as unknown,
  })
  expect(told({ money: 'refunded', cancelsAt: ends }).next).toContain('Nothing more is charged')
  expect(told({ money: 'disputed' }).word).toBe('Under review')
  expect(told({ money: 'dispute_lost', status: 'canceled' }).next).toContain(
    'Nothing more is charged',
  )
})

test('a change that waits for the period’s end is told with its price [commerce 57]', () => {
  const known = {
    status: 'active',
    periodEndsAt: ends,
    cancelsAt: undefined,
    pastDueSince: undefined,
    isPaused: false,
    money: 'kept',
  } as const
  const words = membershipWords(
    {
      ...known,
      access: accessOf(known, { graceDays: 7, pauseKeepsAccess: false }, now),
      amountMinor: 2_400,
      currency: 'EUR',
      interval: { unit: 'month', count: 3 },
      trialEndsAt: undefined,
      endedAt: undefined,
      next: {
        title: 'Silver',
        amountMinor: 900,
        currency: 'EUR',
        interval: { unit: 'month', count: 3 },
      },
    },
    dates,
  )
  expect(words.next).toBe(
    'Changes to Silver on 1 December 2026: €9.00 every 3 months from then on. Until then nothing changes, and you can take it back.',
  )
})

describe('what happens next is told [commerce 51]', () => {
  test.each([
    [{}, 'Active', 'Renews on 1 December 2026: €24.00 every 3 months.'],
    [
      { status: 'trialing' },
      'Trial',
      'Free until 1 December 2026. Then €24.00 every 3 months, from the card below. Cancel before, and nothing is charged.',
    ],
    [
      { cancelsAt: ends },
      'Cancelled',
      'Everything stays open until 1 Dec 2026, 09:30. Nothing more is charged. Until then you can take it back.',
    ],
    [
      { status: 'past_due', pastDueSince: new Date('2026-11-20T08:15:00Z') },
      'Payment failed',
      'The last payment of €24.00 did not go through. Everything stays open until 27 Nov 2026, 08:15; change the card, and it is tried again.',
    ],
    [{ status: 'canceled' }, 'Ended', 'It ended on 1 Dec 2026, 09:30. Nothing more is charged.'],
  ] as const)('%j', (standing, word, next) => {
    expect(told(standing)).toMatchObject({ word, next })
  })

  test('shut ones say what opens them again', () => {
    expect(told({ status: 'unpaid' })).toMatchObject({ word: 'Not paid', tone: 'bad' })
    expect(told({ status: 'incomplete' }).next).toContain('you can subscribe again')
    expect(told({ isPaused: true })).toMatchObject({ word: 'Paused' })
    expect(told({ status: 'unknown' }).next).toContain('being looked up')
  })
})

test('a card is told by its kind, its last digits and its month', () => {
  expect(cardWords({ brand: 'visa', last4: '4242', expires: '12/2040' })).toBe(
    'Visa ending in 4242, until 12/2040',
  )
  expect(cardWords({ brand: 'eftpos_au', last4: '0001', expires: undefined })).toBe(
    'Card ending in 0001',
  )
})

test('what is owed is told with until when all stays open, or that it is closed [commerce 58]', () => {
  expect(owedWords({ title: 'Gold', until: ends }, dates)).toBe(
    'Your payment for Gold did not go through. Everything stays open until 1 Dec 2026, 09:30.',
  )
  expect(owedWords({ title: 'Gold', until: ends, refused: { last4: '0341' } }, dates)).toMatch(
    /go through\. The new card ending in 0341 was refused, too\. Everything stays open/,
  )
  expect(
    owedWords({ title: 'Gold', until: undefined, refused: { last4: undefined } }, dates),
  ).toContain('The new card was refused, too.')
  expect(owedWords({ title: 'Gold', until: undefined }, dates)).toMatch(/closed.*opens again\.$/)
})
