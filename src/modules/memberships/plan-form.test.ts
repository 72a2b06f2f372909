import { describe, expect, test } from 'vitest'
import { readNewPlan, readPlanWords, type SentPlan } from './plan-form.ts'

const sent: SentPlan = {
  title: ' Quarterly  supporter ',
  description: 'All posts.',
  tier: '',
  trialDays: '7',
  tokenAllotment: '',
  group: '',
  price: '24.00',
  unit: 'month',
  count: '3',
}

describe('the form of a plan', () => {
  test('is read with what is meant where nothing is typed', () => {
    expect(readNewPlan(sent, 'EUR')).toEqual({
      ok: true,
      words: {
        title: 'Quarterly supporter',
        description: 'All posts.',
        tier: 1,
        trialDays: 7,
        tokenAllotment: 0,
      },
      terms: {
        group: 'Membership',
        amountMinor: 2_400,
        currency: 'EUR',
        interval: { unit: 'month', count: 3 },
      },
    })
  })

  test.each([
    ['title', ''],
    ['title', 'x'.repeat(81)],
    ['description', 'x'.repeat(1_001)],
    ['tier', '0'],
    ['tier', '-1'],
    ['tier', '100'],
    ['trialDays', '731'],
    ['trialDays', '7.5'],
    ['trialDays', '1e2'],
    ['tokenAllotment', '10001'],
    ['group', 'x'.repeat(61)],
    ['price', '24'],
    ['price', '1,234'],
    ['count', '0'],
    ['count', '37'],
    ['count', ''.padEnd(12, '9')],
  ] as const)('%s %j is a problem in words', (field, value) => {
    const read = readNewPlan({ ...sent, [field]: value }, 'EUR')
    expect(read.ok ? undefined : Object.keys(read.problems)).toEqual([field])
  })

  test('names every problem at once', () => {
    const read = readNewPlan({ ...sent, title: '', price: '', unit: 'hour' }, 'EUR')
    expect(read.ok ? [] : Object.keys(read.problems).toSorted()).toEqual([
      'count',
      'price',
      'title',
    ])
  })

  test('of a shop whose currency cannot be charged makes no plan', () => {
    expect(readNewPlan(sent, 'UGX').ok).toBe(false)
  })

  test('edits words, tier, trial and allotment, and nothing else', () => {
    const read = readPlanWords({ ...sent, trialDays: '14' })
    expect(read.ok && Object.keys(read.words).toSorted()).toEqual([
      'description',
      'tier',
      'title',
      'tokenAllotment',
      'trialDays',
    ])
  })
})
