import { expect, test } from 'vitest'
import { planAtStripeWords } from './plan-at-stripe.ts'

const known = { isThere: true, isDue: false, problem: undefined }

test('a plan that Stripe knows as it is says so and offers nothing to press', () => {
  expect(planAtStripeWords(known, true)).toEqual({
    word: 'In step',
    tone: 'good',
    about: undefined,
    canTry: false,
  })
})

test('one that is new, or was changed, is on its way by itself and can be sent now', () => {
  for (const one of [undefined, { ...known, isThere: false, isDue: true }])
    expect(planAtStripeWords(one, true)).toMatchObject({ word: 'On its way', canTry: true })
  expect(planAtStripeWords({ ...known, isDue: true }, false)).toMatchObject({
    word: 'Being brought up to date',
    canTry: true,
  })
})

test('what went wrong is told in the words that came back, and that the shop tries again', () => {
  const problem = 'No answer came in time'
  expect(planAtStripeWords({ isThere: false, isDue: true, problem }, true).about).toBe(
    'Nobody can subscribe yet. It said: No answer came in time. The shop tries again by itself.',
  )
  expect(planAtStripeWords({ isThere: true, isDue: true, problem }, true)).toMatchObject({
    word: 'Behind',
    tone: 'bad',
    canTry: true,
  })
})

test('a disabled one that an account of Stripe never heard of is not sent there', () => {
  expect(planAtStripeWords(undefined, false)).toMatchObject({ tone: 'quiet', canTry: false })
})
