// Stripe's words for disputes, told in ours. Source: the Dispute object, fields reason and status.

const reasons: Readonly<Record<string, string>> = {
  bank_cannot_process: 'The bank could not process it',
  check_returned: 'The cheque came back',
  credit_not_processed: 'A promised refund did not arrive',
  customer_initiated: 'The buyer asked for it',
  debit_not_authorized: 'The debit was not authorised',
  duplicate: 'Charged twice, says the buyer',
  fraudulent: 'The cardholder says it was not them',
  general: 'No particular reason given',
  incorrect_account_details: 'Wrong account details',
  insufficient_funds: 'Not enough money in the account',
  noncompliant: 'Against the rules of the card network',
  product_not_received: 'Not received, says the buyer',
  product_unacceptable: 'Not as described, says the buyer',
  subscription_canceled: 'The subscription had been cancelled, says the buyer',
  unrecognized: 'The cardholder does not recognise it',
}

const states: Readonly<Record<string, string>> = {
  warning_needs_response: 'Needs your answer',
  warning_under_review: 'Being looked at',
  warning_closed: 'Closed',
  needs_response: 'Needs your answer',
  under_review: 'Being decided',
  won: 'Won',
  lost: 'Lost',
  prevented: 'Prevented',
}

/** Why the bank came, for the owner. A reason that is new to us is told in Stripe's own word. */
export const disputeReasonWords = (reason: string): string =>
  Object.hasOwn(reasons, reason) ? (reasons[reason] ?? reason) : plain(reason)

/** How it stands, for the owner. A state that is new to us is told in Stripe's own word. */
export const disputeStateWords = (state: string): string =>
  Object.hasOwn(states, state) ? (states[state] ?? state) : plain(state)

/** The bank waits for the owner's evidence. */
export const needsAnswer = (state: string): boolean => state.endsWith('needs_response')

function plain(word: string): string {
  const words = word.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
