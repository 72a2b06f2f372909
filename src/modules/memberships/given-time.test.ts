import { describe, expect, test } from 'vitest'
import { addMonths, giftTimes, type Cover, type GiftOfMonths } from './given-time.ts'

const now = new Date('2026-11-22T12:00:00Z')
const day = 86_400_000
const inDays = (days: number) => new Date(now.getTime() + days * day)

function gift(id: string, more: Partial<GiftOfMonths> = {}): GiftOfMonths {
  return {
    id,
    tier: 1,
    months: 3,
    createdAt: inDays(-1),
    runsFrom: undefined,
    runsUntil: undefined,
    leftMs: undefined,
    ...more,
  }
}
const timeOf = (one: GiftOfMonths, covers: readonly Cover[], at = now) =>
  giftTimes([one], covers, at).get(one.id)

test.each([
  ['2026-01-31T10:00:00Z', 1, '2026-02-28T10:00:00.000Z'],
  ['2028-01-31T10:00:00Z', 1, '2028-02-29T10:00:00.000Z'],
  ['2028-02-29T00:00:00Z', 12, '2029-02-28T00:00:00.000Z'],
  ['2026-11-22T12:00:00Z', 3, '2027-02-22T12:00:00.000Z'],
  ['2026-12-31T23:59:00Z', 2, '2027-02-28T23:59:00.000Z'],
])('%s and %i months are %s', (from, months, to) => {
  expect(addMonths(new Date(from), months).toISOString()).toBe(to)
})

describe('the time of a gift [commerce 33]', () => {
  test('runs at once for who has nothing', () => {
    expect(timeOf(gift('a'), [])).toEqual({
      runsFrom: now,
      runsUntil: addMonths(now, 3),
      leftMs: undefined,
    })
  })

  test('waits while the same is paid for, and nobody knows until when', () => {
    expect(timeOf(gift('a'), [{ tier: 1, until: undefined }])).toEqual({
      runsFrom: undefined,
      runsUntil: undefined,
      leftMs: undefined,
    })
  })

  test('begins at the very moment what is paid for ends', () => {
    const time = timeOf(gift('a'), [{ tier: 1, until: inDays(9) }])
    expect(time).toMatchObject({ runsFrom: inDays(9), runsUntil: addMonths(inDays(9), 3) })
    // Looked at again then, also late, it is the same.
    const begun = gift('a', { runsFrom: inDays(9), runsUntil: addMonths(inDays(9), 3) })
    expect(timeOf(begun, [], inDays(10))).toMatchObject({ runsFrom: inDays(9) })
    expect(timeOf(begun, [{ tier: 1, until: undefined }])).toMatchObject({ runsFrom: undefined })
  })

  test('waits again with what is left when somebody subscribes meanwhile', () => {
    const running = gift('a', { runsFrom: inDays(-60), runsUntil: inDays(30) })
    const waits = timeOf(running, [{ tier: 1, until: undefined }])
    expect(waits).toEqual({ runsFrom: undefined, runsUntil: undefined, leftMs: 30 * day })
    const later = inDays(100)
    expect(timeOf({ ...running, ...waits }, [], later)).toEqual({
      runsFrom: later,
      runsUntil: inDays(130),
      leftMs: 30 * day,
    })
  })

  test('of several they add up, one after the other', () => {
    const times = giftTimes(
      [gift('b', { createdAt: now, months: 1 }), gift('a')],
      [{ tier: 1, until: inDays(9) }],
      now,
    )
    const firstEnds = addMonths(inDays(9), 3)
    expect(times.get('a')).toMatchObject({ runsFrom: inDays(9), runsUntil: firstEnds })
    expect(times.get('b')).toMatchObject({
      runsFrom: firstEnds,
      runsUntil: addMonths(firstEnds, 1),
    })
  })

  test('of a higher tier begins at once beside a lower one that is paid, and lets a lower gift wait', () => {
    const silver = gift('silver', { runsFrom: inDays(-10), runsUntil: inDays(20) })
    const gold = gift('gold', { tier: 2, months: 1, createdAt: now })
    const times = giftTimes([silver, gold], [{ tier: 1, until: undefined }], now)
    expect(times.get('gold')).toMatchObject({ runsFrom: now })
    expect(times.get('silver')).toEqual({
      runsFrom: undefined,
      runsUntil: undefined,
      leftMs: 20 * day,
    })
    const alone = giftTimes([silver, gold], [], now)
    expect(alone.get('silver')).toMatchObject({
      runsFrom: addMonths(now, 1),
      runsUntil: new Date(addMonths(now, 1).getTime() + 20 * day),
    })
  })

  test('that is used up holds nothing any more', () => {
    const used = gift('used', { runsFrom: inDays(-90), runsUntil: now })
    const times = giftTimes([used, gift('next')], [], now)
    expect([...times.keys()]).toEqual(['next'])
    expect(times.get('next')).toMatchObject({ runsFrom: now })
  })
})
