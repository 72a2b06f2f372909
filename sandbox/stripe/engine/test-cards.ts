/** Why a card is declined, in the words Stripe uses. */
export type Decline = {
  code: string
  decline_code?: string
  message: string
  /** Blocked before it reached the card network. */
  isBlocked?: boolean
}

export const DECLINES = {
  generic: {
    code: 'card_declined',
    decline_code: 'generic_decline',
    message: 'Your card was declined.',
  },
  insufficient_funds: {
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
  },
  lost_card: {
    code: 'card_declined',
    decline_code: 'lost_card',
    message: 'Your card was declined.',
  },
  stolen_card: {
    code: 'card_declined',
    decline_code: 'stolen_card',
    message: 'Your card was declined.',
  },
  expired_card: {
    code: 'expired_card',
    decline_code: 'expired_card',
    message: 'Your card has expired.',
  },
  incorrect_cvc: {
    code: 'incorrect_cvc',
    decline_code: 'incorrect_cvc',
    message: "Your card's security code is incorrect.",
  },
  processing_error: {
    code: 'processing_error',
    decline_code: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
  },
  fraudulent: {
    code: 'card_declined',
    decline_code: 'fraudulent',
    message: 'Your card was declined.',
    isBlocked: true,
  },
  authentication_required: {
    code: 'authentication_required',
    decline_code: 'authentication_required',
    message: 'Your card was declined. This transaction requires authentication.',
  },
} as const satisfies Record<string, Decline>

export type DeclineName = keyof typeof DECLINES

/** What a test card does. */
export type TestCard = {
  number: string
  brand: 'visa' | 'mastercard' | 'amex' | 'discover' | 'diners' | 'jcb' | 'unionpay'
  funding: 'credit' | 'debit' | 'prepaid'
  country: string
  /** What happens to a charge: it goes through, or it is declined. */
  charge: 'approved' | DeclineName
  /** Attaching it to a customer is declined too. */
  attachDeclined?: true
  /** When 3D Secure is asked for: never, until it was once set up, or every time. */
  authentication: 'never' | 'until_set_up' | 'always'
  /** What follows a charge that went through. */
  aftermath?: 'fraudulent_dispute' | 'not_received_dispute' | 'inquiry' | 'early_fraud_warning'
  /** How a refund goes, when not at once. */
  refund?: 'pending' | 'fails_later'
}

function card(number: string, differs: Partial<Omit<TestCard, 'number'>> = {}): [string, TestCard] {
  return [
    number,
    {
      number,
      brand: 'visa',
      funding: 'credit',
      country: 'US',
      charge: 'approved',
      authentication: 'never',
      ...differs,
    },
  ]
}

/** docs.stripe.com/testing */
const CARDS: ReadonlyMap<string, TestCard> = new Map([
  card('4242424242424242'),
  card('4000056655665556', { funding: 'debit' }),
  card('5555555555554444', { brand: 'mastercard' }),
  card('5200828282828210', { brand: 'mastercard', funding: 'debit' }),
  card('378282246310005', { brand: 'amex' }),
  card('6011111111111117', { brand: 'discover' }),
  card('3056930009020004', { brand: 'diners' }),
  card('3566002020360505', { brand: 'jcb' }),
  card('6200000000000005', { brand: 'unionpay' }),
  card('4000002760000016', { country: 'DE' }),
  card('4000008260000000', { country: 'GB' }),

  card('4000000000000002', { charge: 'generic', attachDeclined: true }),
  card('4000000000009995', { charge: 'insufficient_funds', attachDeclined: true }),
  card('4000000000009987', { charge: 'lost_card', attachDeclined: true }),
  card('4000000000009979', { charge: 'stolen_card', attachDeclined: true }),
  card('4000000000000069', { charge: 'expired_card', attachDeclined: true }),
  card('4000000000000127', { charge: 'incorrect_cvc', attachDeclined: true }),
  card('4000000000000119', { charge: 'processing_error', attachDeclined: true }),
  card('4000000000000341', { charge: 'generic' }),
  card('4100000000000019', { charge: 'fraudulent' }),

  card('4000002500003155', { authentication: 'until_set_up' }),
  card('4000002760003184', { authentication: 'always' }),
  card('4000000000003220', { authentication: 'always' }),
  card('4000000000003063', { authentication: 'always' }),
  card('4000008260003178', { authentication: 'always', charge: 'insufficient_funds' }),
  card('4000008400001629', { authentication: 'always', charge: 'generic' }),

  card('4000000000000259', { aftermath: 'fraudulent_dispute' }),
  card('4000000000002685', { aftermath: 'not_received_dispute' }),
  card('4000000000001976', { aftermath: 'inquiry' }),
  card('4000000000005423', { aftermath: 'early_fraud_warning' }),
  card('4000000000007726', { refund: 'pending' }),
  card('4000000000005126', { refund: 'fails_later' }),
])

/** The card behind each ready-made payment method: `pm_card_visa`, and `tok_visa` alike. */
const TOKENS: ReadonlyMap<string, string> = new Map([
  ['visa', '4242424242424242'],
  ['visa_debit', '4000056655665556'],
  ['mastercard', '5555555555554444'],
  ['mastercard_debit', '5200828282828210'],
  ['amex', '378282246310005'],
  ['discover', '6011111111111117'],
  ['diners', '3056930009020004'],
  ['jcb', '3566002020360505'],
  ['unionpay', '6200000000000005'],
  ['de', '4000002760000016'],
  ['gb', '4000008260000000'],
  ['visa_chargeDeclined', '4000000000000002'],
  ['chargeDeclined', '4000000000000002'],
  ['visa_chargeDeclinedInsufficientFunds', '4000000000009995'],
  ['chargeDeclinedInsufficientFunds', '4000000000009995'],
  ['visa_chargeDeclinedLostCard', '4000000000009987'],
  ['visa_chargeDeclinedStolenCard', '4000000000009979'],
  ['chargeDeclinedExpiredCard', '4000000000000069'],
  ['chargeDeclinedIncorrectCvc', '4000000000000127'],
  ['chargeDeclinedProcessingError', '4000000000000119'],
  ['chargeDeclinedFraudulent', '4100000000000019'],
  ['radarBlock', '4100000000000019'],
  ['chargeCustomerFail', '4000000000000341'],
  ['authenticationRequiredOnSetup', '4000002500003155'],
  ['authenticationRequired', '4000002760003184'],
  ['authenticationRequiredChargeDeclinedInsufficientFunds', '4000008260003178'],
  ['threeDSecure2Required', '4000000000003220'],
  ['threeDSecureRequired', '4000000000003063'],
  ['threeDSecureRequiredChargeDeclined', '4000008400001629'],
  ['createDispute', '4000000000000259'],
  ['createDisputeProductNotReceived', '4000000000002685'],
  ['createDisputeInquiry', '4000000000001976'],
  ['createIssuerFraudRecord', '4000000000005423'],
  ['pendingRefund', '4000000000007726'],
  ['refundFail', '4000000000005126'],
])

/** The card a ready-made token stands for; undefined when it is not one. */
export function cardOfToken(token: string): TestCard | undefined {
  const name = /^(?:pm_card|tok)_(.+)$/.exec(token)?.[1]
  const number = name === undefined ? undefined : TOKENS.get(name)
  return number === undefined ? undefined : CARDS.get(number)
}

/**
 * The card behind a number typed in (digits only). A number with a right check digit that is not
 * a test card is declined, as Stripe declines real cards in test mode; undefined when the check
 * digit is wrong.
 */
export function cardOfNumber(number: string): TestCard | 'real' | undefined {
  const known = CARDS.get(number)
  if (known !== undefined) return known
  return hasRightCheckDigit(number) ? 'real' : undefined
}

/** Luhn's check over 13 to 19 digits. */
export function hasRightCheckDigit(number: string): boolean {
  if (!/^\d{13,19}$/.test(number)) return false
  let sum = 0
  for (let at = 0; at < number.length; at += 1) {
    const digit = Number(number[number.length - 1 - at])
    const weighed = at % 2 === 0 ? digit : digit * 2
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return sum % 10 === 0
}
