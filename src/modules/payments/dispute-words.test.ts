import { describe, expect, test } from 'vitest'
import { disputeReasonWords, disputeStateWords, needsAnswer } from './dispute-words.ts'

describe('a dispute in words', () => {
  test('a reason and a state are told plainly', () => {
    expect(disputeReasonWords('fraudulent')).toBe('The cardholder says it was not them')
    expect(disputeStateWords('needs_response')).toBe('Needs your answer')
  })

  test('words that Stripe adds later are told as they are, and so are names of the language', () => {
    expect(disputeReasonWords('wrong_colour')).toBe('Wrong colour')
    expect(disputeStateWords('toString')).toBe('ToString')
  })

  test('an inquiry waits for an answer as much as a dispute does, a decided one no longer', () => {
    expect(['warning_needs_response', 'needs_response'].every(needsAnswer)).toBe(true)
    expect(['under_review', 'won', 'lost'].some(needsAnswer)).toBe(false)
  })
})
