import { expect, test } from 'vitest'
import { readGiven, type GivenFields } from './given-form.ts'

const shop = { zone: 'Europe/Berlin', now: new Date('2026-11-22T12:00:00Z') }
const fields: GivenFields = {
  plan: '019aa8f0-0000-7000-8000-000000000001',
  how: 'endless',
  until: '',
  months: '',
  reason: ' For the\nworkshop ',
  key: '019aa8f0-0000-7000-8000-000000000002',
}
const read = (more: Partial<GivenFields>) => readGiven({ ...fields, ...more }, shop)

test('a comp without an end, until the end of a day of the shop’s zone, and a gift of months are read', () => {
  expect(read({})).toEqual({
    ok: true,
    given: {
      id: fields.key,
      planId: fields.plan,
      what: { kind: 'comp', endsAt: undefined },
      reason: 'For the workshop',
    },
  })
  expect(read({ how: 'until', until: '2026-11-22' })).toMatchObject({
    given: { what: { kind: 'comp', endsAt: new Date('2026-11-22T23:00:00Z') } },
  })
  expect(read({ how: 'gift', months: ' 12 ' })).toMatchObject({
    given: { what: { kind: 'gift', months: 12 } },
  })
})

test.each([
  [{ plan: 'x' }, 'plan', 'Choose a plan.'],
  [{ how: '' }, 'how', 'Choose for how long.'],
  [{ how: 'until' }, 'until', 'Choose the last day.'],
  [{ how: 'until', until: '2026-11-31' }, 'until', 'Choose the last day.'],
  [{ how: 'until', until: '2026-11-21' }, 'until', 'That day is over. Choose a later one.'],
  [{ how: 'gift', months: '0' }, 'months', 'A gift is 1 to 60 whole months.'],
  [{ how: 'gift', months: '61' }, 'months', 'A gift is 1 to 60 whole months.'],
  [{ how: 'gift', months: '1.5' }, 'months', 'A gift is 1 to 60 whole months.'],
  [{ reason: ' ' }, 'reason', 'Say in a few words why. It is kept.'],
  [{ key: '' }, 'key', 'This form is too old. Open it again.'],
] as const)('%o is refused at its field', (more, field, words) => {
  expect(read(more)).toEqual({ ok: false, errors: { [field]: words } })
})
