import { expect, test } from 'vitest'
import { formTargets } from './hosted-pages.ts'

test('a form may lead to the page to pay and to the page that changes a card', () => {
  expect(formTargets({ isRehearsal: false, apiBase: undefined })).toBe(
    "'self' https://checkout.stripe.com https://billing.stripe.com",
  )
})

test('another Stripe is allowed by its own address; a rehearsal leads nowhere else', () => {
  expect(formTargets({ isRehearsal: false, apiBase: 'http://127.0.0.1:12111' })).toMatch(
    / http:\/\/127\.0\.0\.1:12111$/,
  )
  expect(formTargets({ isRehearsal: true, apiBase: 'http://127.0.0.1:12111' })).toBe("'self'")
})
