import type { BalanceTransaction, LedgerRecord } from './objects/balance.ts'
import type { Operation } from './operation.ts'
import type { Reading, Work } from './work.ts'
import { DAY_MS } from '../durations.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'

/** Charges can be paid out from the third midnight (UTC) on; everything else moves money at once. */
const DAY_SECONDS = DAY_MS / 1000

const SETTLING_DAYS = 2

function availableFrom(now: number): number {
  return (Math.ceil(now / DAY_SECONDS) + SETTLING_DAYS) * DAY_SECONDS
}

export const balanceOperations: readonly Operation[] = [
  {
    route: 'GET /v1/balance',
    read: (reading) => balance(reading),
  },
  listOperation(
    '/v1/balance_transactions',
    'balance_transaction',
    [equals('currency'), equals('source'), equals('type'), equals('payout')],
    asOf,
  ),
  {
    route: 'GET /v1/balance_transactions/{transaction}',
    async read(reading, _params, path) {
      const id = pathParam(path, 'transaction')
      return asOf(await reading.atPath('balance_transaction', id, 'id'), reading.now)
    },
  },
]

/** Stripe's fee in minor units: 2.9 % + 30 for cards, 0.8 % up to 5.00 for bank debits. */
export function feeOf(amount: number, isCard: boolean): number {
  return isCard ? Math.round(amount * 0.029) + 30 : Math.min(Math.round(amount * 0.008), 500)
}

/** Moves money: writes the balance transaction and brings the ledger of its currency up to date. */
export async function moveMoney(
  work: Work,
  movement: {
    amount: number
    fee: number
    feeDescription?: string
    currency: string
    type: BalanceTransaction['type']
    reportingCategory: string
    source: string
    description: string | null
  },
): Promise<BalanceTransaction> {
  const { amount, fee, currency } = movement
  const settles = movement.type === 'charge' || movement.type === 'payment'
  const transaction: BalanceTransaction = {
    id: work.id('txn'),
    object: 'balance_transaction',
    amount,
    available_on: settles ? availableFrom(work.now) : work.now,
    balance_type: 'payments',
    created: work.now,
    currency,
    description: movement.description,
    exchange_rate: null,
    fee,
    fee_details:
      fee === 0
        ? []
        : [
            {
              amount: fee,
              application: null,
              currency,
              description: movement.feeDescription ?? 'Stripe processing fees',
              type: 'stripe_fee',
            },
          ],
    net: amount - fee,
    reporting_category: movement.reportingCategory,
    source: movement.source,
    status: settles ? 'pending' : 'available',
    type: movement.type,
  }
  const before = await work.get('_ledger', currency)
  const settled = settledLedger(
    before ?? {
      id: currency,
      object: '_ledger',
      created: work.now,
      available: 0,
      pending: [],
    },
    work.now,
  )
  work.put('_ledger', {
    ...settled,
    available: settled.available + (settles ? 0 : transaction.net),
    pending: settles
      ? [...settled.pending, { from: transaction.available_on, amount: transaction.net }]
      : settled.pending,
  })
  return work.put('balance_transaction', transaction)
}

/** Moves what has become available by now from pending to available. */
function settledLedger(ledger: LedgerRecord, now: number): LedgerRecord {
  const due = ledger.pending.filter((one) => one.from <= now)
  // All of a day become available together, so even a busy day is one entry.
  const open = new Map<number, number>()
  for (const one of ledger.pending)
    if (one.from > now) open.set(one.from, (open.get(one.from) ?? 0) + one.amount)
  return {
    ...ledger,
    available: ledger.available + due.reduce((sum, one) => sum + one.amount, 0),
    pending: [...open].map(([from, amount]) => ({ from, amount })),
  }
}

/** A transaction as it stands at an instant: pending money becomes available by itself. */
export function asOf(transaction: BalanceTransaction, now: number): BalanceTransaction {
  return transaction.status === 'pending' && transaction.available_on <= now
    ? { ...transaction, status: 'available' }
    : transaction
}

async function balance(reading: Reading): Promise<Readonly<{ object: 'balance' }>> {
  const ledgers = await reading.list('_ledger', { limit: 100 })
  const settled = ledgers.data.map((ledger) => settledLedger(ledger, reading.now))
  const part = (ledger: LedgerRecord, amount: number): object => ({
    amount,
    currency: ledger.id,
    source_types: { card: amount },
  })
  const shown =
    settled.length > 0
      ? settled
      : [{ id: 'usd', object: '_ledger', created: 0, available: 0, pending: [] } as const]
  const answer = {
    object: 'balance' as const,
    available: shown.map((ledger) => part(ledger, ledger.available)),
    livemode: false,
    pending: shown.map((ledger) =>
      part(
        ledger,
        ledger.pending.reduce((sum, one) => sum + one.amount, 0),
      ),
    ),
    refund_and_dispute_prefunding: {
      available: shown.map((ledger) => part(ledger, 0)),
      pending: shown.map((ledger) => part(ledger, 0)),
    },
  }
  return answer
}
