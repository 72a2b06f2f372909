import type { CustomerBalanceTransaction } from '../objects/customer-balance.ts'
import type { Customer } from '../objects/customer.ts'
import type { Metadata } from '../params.ts'
import type { Work } from '../work.ts'

/**
 * Changes what a customer has with the seller and writes it down. A negative balance is the
 * customer's credit, as Stripe counts it; so is a negative amount.
 */
export function moveBalance(
  work: Work,
  customer: Customer,
  movement: {
    amount: number
    currency: string
    type: CustomerBalanceTransaction['type']
    invoice?: string
    description?: string | null
    metadata?: Metadata
  },
): { customer: Customer; transaction: CustomerBalanceTransaction } {
  const ending = customer.balance + movement.amount
  const transaction = work.put('customer_balance_transaction', {
    id: work.id('cbtxn'),
    object: 'customer_balance_transaction',
    amount: movement.amount,
    checkout_session: null,
    created: work.now,
    credit_note: null,
    currency: movement.currency,
    customer: customer.id,
    customer_account: null,
    description: movement.description ?? null,
    ending_balance: ending,
    invoice: movement.invoice ?? null,
    livemode: false,
    metadata: movement.metadata ?? {},
    type: movement.type,
  })
  const after = { ...customer, balance: ending, currency: customer.currency ?? movement.currency }
  work.update('customer', 'customer.updated', customer, after)
  return { customer: after, transaction }
}
