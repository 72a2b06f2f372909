import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { asGatewayError } from './client.ts'

test.each(['invalid_request_error', 'idempotency_error'] as const)(
  'a write whose key is in use is still under way, not refused (told as %s)',
  (type) => {
    const error = Stripe.errors.StripeError.generate({
      type,
      code: 'idempotency_key_in_use',
      statusCode: 409,
      message: 'There is currently another in-progress request using this key.',
    })
    expect(asGatewayError(error)).toMatchObject({ fault: 'unreachable' })
  },
)

test('a key that was used for something else is refused: asking again would not help', () => {
  const error = Stripe.errors.StripeError.generate({
    type: 'idempotency_error',
    statusCode: 400,
    message: 'Keys for idempotent requests can only be used with the same parameters.',
  } as never)
  expect(asGatewayError(error)).toMatchObject({ fault: 'refused' })
})
