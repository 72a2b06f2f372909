import type { Operation } from './operation.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'

export const earlyFraudWarningOperations: readonly Operation[] = [
  {
    route: 'GET /v1/radar/early_fraud_warnings/{early_fraud_warning}',
    read: (reading, _params, path) =>
      reading.atPath(
        'radar.early_fraud_warning',
        pathParam(path, 'early_fraud_warning'),
        'early_fraud_warning',
      ),
  },
  listOperation('/v1/radar/early_fraud_warnings', 'radar.early_fraud_warning', [
    equals('charge'),
    equals('payment_intent'),
  ]),
]
