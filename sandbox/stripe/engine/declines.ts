import type { ErrorBody } from '../api-error.ts'
import type { Decline } from './test-cards.ts'

/** Stripe's `error` for a declined card. */
export function declineBody(
  decline: Decline,
  about: Pick<ErrorBody, 'charge' | 'payment_intent' | 'payment_method'> = {},
): ErrorBody {
  return {
    type: 'card_error',
    code: decline.code,
    ...(decline.decline_code === undefined ? {} : { decline_code: decline.decline_code }),
    ...(decline.isBlocked === true ? {} : { advice_code: adviceFor(decline) }),
    message: decline.message,
    ...about,
  }
}

/** docs.stripe.com/declines#retrying-issuer-declines: what the issuer advises. */
function adviceFor(decline: Decline): string {
  if (['lost_card', 'stolen_card'].includes(decline.decline_code ?? '')) return 'do_not_try_again'
  if (['expired_card', 'incorrect_cvc'].includes(decline.code)) return 'confirm_card_data'
  return 'try_again_later'
}
