import type { PaymentMethod } from './objects/payment-method.ts'
import type { TestBank } from './test-banks.ts'
import type { TestCard } from './test-cards.ts'
import type { Reading, Work } from './work.ts'
import { bankOfAccount } from './test-banks.ts'
import { cardOfNumber } from './test-cards.ts'

/** The test card of a number, or for any other number one that is declined. */
export function knownCard(number: string): TestCard {
  const card = cardOfNumber(number)
  if (card !== undefined && card !== 'real') return card
  return {
    number,
    brand: 'visa',
    funding: 'credit',
    country: 'US',
    charge: 'generic',
    attachDeclined: true,
    authentication: 'never',
  }
}

export function keepInstrument(work: Work, id: string, number: string): void {
  work.put('_instrument', { id, object: '_instrument', created: work.now, number, isSetUp: false })
}

/** What a payment method really is: a test card, or a test bank account. */
export async function instrumentOf(
  reading: Reading,
  method: PaymentMethod,
): Promise<{ card: TestCard; isSetUp: boolean } | { bank: TestBank }> {
  const record = await reading.get('_instrument', method.id)
  if (record === undefined) throw new Error(`Payment method ${method.id} has no instrument`)
  if (method.type === 'card') {
    const card = knownCard(record.number)
    return {
      card: record.isExpired === true ? { ...card, charge: 'expired_card' } : card,
      isSetUp: record.isSetUp,
    }
  }
  const bank = bankOfAccount(record.number)
  if (bank === undefined) throw new Error(`${record.number} is not a test bank`)
  return { bank }
}

/** Remembers that a card was authenticated for later use. */
export async function markSetUp(work: Work, method: string): Promise<void> {
  const record = await work.get('_instrument', method)
  if (record !== undefined) work.put('_instrument', { ...record, isSetUp: true })
}

/** Whether a card's month is over. */
export async function markExpired(work: Work, method: string, isExpired: boolean): Promise<void> {
  const record = await work.get('_instrument', method)
  if (record !== undefined) work.put('_instrument', { ...record, isExpired })
}
