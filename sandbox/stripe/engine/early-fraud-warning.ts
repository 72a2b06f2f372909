import type { Charge } from './objects/charge.ts'
import type { EarlyFraudWarning, FraudType } from './objects/early-fraud-warning.ts'
import type { Work } from './work.ts'
import { invalidRequest } from '../api-error.ts'

/** The card's bank believes that its holder did not pay. ApiError 400 when it cannot be about this charge. */
export async function warnOfFraud(
  work: Work,
  chargeId: string,
  fraudType: FraudType,
): Promise<EarlyFraudWarning> {
  const charge = await work.named('charge', chargeId, 'charge')
  if (charge.status !== 'succeeded' || charge.payment_method_details.type !== 'card')
    throw invalidRequest(`Only payments by card get early fraud warnings; ${chargeId} is none.`, {
      param: 'charge',
    })
  if ((await work.get('_warning', chargeId)) !== undefined)
    throw invalidRequest(`Charge ${chargeId} already has an early fraud warning.`, {
      param: 'charge',
    })
  const warning = work.put('radar.early_fraud_warning', {
    id: work.id('issfr'),
    object: 'radar.early_fraud_warning',
    actionable: isActionable(charge),
    charge: charge.id,
    created: work.now,
    fraud_type: fraudType,
    livemode: false,
    ...(charge.payment_intent === null ? {} : { payment_intent: charge.payment_intent }),
  })
  work.put('_warning', {
    id: charge.id,
    object: '_warning',
    created: work.now,
    warning: warning.id,
  })
  work.emit('radar.early_fraud_warning.created', warning)
  return warning
}

/** The charge changed: its warning, if it has one, may no longer ask for anything, or again. */
export async function reviewWarning(work: Work, charge: Charge): Promise<void> {
  const record = await work.get('_warning', charge.id)
  if (record === undefined) return
  const warning = await work.named('radar.early_fraud_warning', record.warning, 'charge')
  work.update('radar.early_fraud_warning', 'radar.early_fraud_warning.updated', warning, {
    ...warning,
    actionable: isActionable(charge),
  })
}

function isActionable(charge: Charge): boolean {
  return !charge.disputed && !charge.refunded
}
