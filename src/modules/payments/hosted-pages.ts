/** Where Stripe's hosted pages are: to pay, and to change a card (https://docs.stripe.com/customer-management). */
const hostedPages = ['https://checkout.stripe.com', 'https://billing.stripe.com']

/**
 * Where a form of the shop may lead, for its content security policy: browsers hold the redirect that answers a form against it, too.
 * In the rehearsal the hosted pages are the shop's own.
 */
export function formTargets(stripe: {
  readonly isRehearsal: boolean
  readonly apiBase: string | undefined
}): string {
  if (stripe.isRehearsal) return "'self'"
  return ["'self'", ...hostedPages, ...(stripe.apiBase ? [stripe.apiBase] : [])].join(' ')
}
