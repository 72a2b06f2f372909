import process from 'node:process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { zoneNamed } from '#modules/platform/zones.ts'
import { dice } from '../../../test/dice.ts'
import { randomSlotCase } from '../../../test/random-slot-case.ts'
import { referenceSlots } from '../../../test/slot-reference.ts'
import { rulesOfCase, slotsOfCase, type SlotCase } from './slot-cases.ts'
import { isOffered, slots } from './slots.ts'
import { whyNot } from './why-not.ts'

const { cases } = JSON.parse(
  readFileSync(new URL('../../../test/cases/slots.json', import.meta.url), 'utf8'),
) as { cases: SlotCase[] }

describe('the cases [booking 8]', () => {
  test.each(cases.map((one) => [one.id, one] as const))('%s', (_id, one) => {
    expect(slotsOfCase(one)).toEqual(one.expected_slots_utc)
  })

  test('hold for the reference too, which knows nothing of the rest', () => {
    for (const one of cases) expect(referenceSlots(one), one.id).toEqual(one.expected_slots_utc)
  }, 60_000)
})

test('500 random cases come out as minute by minute [booking 8]', () => {
  let offered = 0
  for (let seed = 1; seed <= 500; seed++) {
    const one = randomSlotCase(seed)
    const expected = referenceSlots(one)
    expect(slotsOfCase(one), `randomSlotCase(${seed})`).toEqual(expected)
    offered += expected.length
  }
  expect(offered).toBeGreaterThan(5_000)
}, 60_000)

// SUNDRY_SLOT_STATES=10000 for all of them.
const states = Number(process.env.SUNDRY_SLOT_STATES ?? 400)

test('what is offered can be booked, and nothing else; of everything else it is said why', () => {
  let [offered, refused] = [0, 0]
  for (let seed = 1; seed <= states; seed++) {
    const { rules: drawn, asked } = rulesOfCase(randomSlotCase(seed))
    const random = dice(seed)
    const joinable = new Set(drawn.busy.filter(() => random() < 0.2).map(({ from }) => from))
    const rules = { ...drawn, joinable }
    const list = new Set(slots(rules, asked))
    const zone = zoneNamed(asked.zone)
    const [begin, end] = [
      Date.parse(`${asked.from}T00:00:00Z`),
      Date.parse(`${asked.to}T00:00:00Z`),
    ]
    const asInList = (start: number) => {
      const date = new Date(zone.wallAt(start)).toISOString().slice(0, 10)
      return list.has(start) || date < asked.from || date > asked.to
    }
    const starts = [
      ...[...list].filter(() => random() < 0.2),
      ...joinable,
      ...Array.from(
        { length: 12 },
        () => begin - 6e7 + Math.floor((random() * (end - begin + 2e8)) / 60_000) * 60_000,
      ),
      begin + Math.floor(random() * 864e5),
    ]
    for (const start of starts) {
      const isOpen = isOffered(rules, start)
      expect(isOpen && !asInList(start), `${seed}: ${start} is bookable and not listed`).toBe(false)
      expect(list.has(start) && !isOpen, `${seed}: ${start} is listed and not bookable`).toBe(false)
      expect(whyNot(rules, start).length === 0, `${seed}: why ${start}`).toBe(isOpen)
      if (isOpen) offered++
      else refused++
    }
  }
  expect(offered).toBeGreaterThan(states)
  expect(refused).toBeGreaterThan(states)
}, 120_000)

describe('limits', () => {
  const { rules, asked } = rulesOfCase(
    cases.find(({ id }) => id === 'ends-24') ?? randomSlotCase(1),
  )

  test('terms without a length or a step, zones that are none and endless spans of dates are refused', () => {
    const withTerms = (terms: Partial<typeof rules.terms>) => () =>
      slots({ ...rules, terms: { ...rules.terms, ...terms } }, asked)
    expect(withTerms({ increment: 0 })).toThrow(RangeError)
    expect(withTerms({ duration: 0 })).toThrow(RangeError)
    expect(withTerms({ increment: NaN })).toThrow(RangeError)
    expect(() => slots(rules, { ...asked, zone: 'Middle/Earth' })).toThrow(RangeError)
    expect(() => slots(rules, { ...asked, to: '9999-12-31' })).toThrow(RangeError)
    expect(() => slots(rules, { ...asked, from: 'never' })).toThrow(RangeError)
  })

  test('an instant that is none is not offered', () => {
    for (const start of [NaN, Infinity, 0.5, 9e15, -9e15])
      expect(isOffered(rules, start)).toBe(false)
  })

  test('a group that has begun is offered on, also off the grid and when the day has had its most', () => {
    const [first = 0, second = 0] = slots(rules, asked)
    const odd = first + 60_000
    const busy = [
      { from: first, until: first + 60_000, countsFrom: first },
      { from: odd, until: second, countsFrom: odd },
    ]
    const full = { ...rules, busy, terms: { ...rules.terms, mostADay: 1 } }
    expect(slots(full, asked)).toEqual([])
    expect(slots({ ...full, joinable: new Set([odd]) }, asked)).toEqual([odd])
    const late = { ...full, joinable: new Set([odd]), now: odd + 1 }
    expect([slots(late, asked), isOffered(late, odd)]).toEqual([[], false])
  })

  test('most a week counts from Monday to Sunday of the owner’s', () => {
    const week = { ...rules.terms, mostAWeek: 1 }
    const [first] = slots(rules, asked)
    const taken = { from: 0, until: 0, countsFrom: first ?? 0 }
    expect(slots({ ...rules, terms: week }, asked)).toEqual(slots(rules, asked))
    expect(slots({ ...rules, terms: week, busy: [taken] }, asked)).toEqual([])
    const weekBefore = { ...taken, countsFrom: (first ?? 0) - 7 * 864e5 }
    expect(slots({ ...rules, terms: week, busy: [weekBefore] }, asked)).toEqual(slots(rules, asked))
  })
})
