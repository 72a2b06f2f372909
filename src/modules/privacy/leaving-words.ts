import type { Hindrance } from './types.ts'

/** Why an account stays for now, and what helps. */
export const hindranceWords: Readonly<Record<Hindrance, string>> = {
  owner:
    'This is the account of the shop’s owner. The shop cannot be without one, so it cannot be deleted here.',
  payment:
    'A payment of yours is still on its way from your bank. Once it is through, or has failed, you can delete the account.',
  refund: 'A refund is on its way to you. Once it has arrived, you can delete the account.',
  dispute:
    'Your bank is looking at one of your payments. Once it has decided, you can delete the account.',
  withdrawal:
    'You withdrew from a purchase, and that is not decided yet. Once it is, you can delete the account.',
}

export const unreachableWords =
  'Your subscription could not be ended, because the payment service cannot be reached right now. Nothing was deleted. Please try again in a few minutes.'
