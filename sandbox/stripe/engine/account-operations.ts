import type { Operation } from './operation.ts'

/** `GET /v1/account`: the seller this key belongs to. */
export const accountOperations: readonly Operation[] = [
  {
    route: 'GET /v1/account',
    async read(reading) {
      const record = await reading.get('_account', 'account')
      return {
        id: reading.account,
        object: 'account',
        business_profile: null,
        business_type: null,
        capabilities: { card_payments: 'active', transfers: 'active' },
        charges_enabled: true,
        country: 'US',
        created: record?.created ?? reading.now,
        default_currency: 'usd',
        details_submitted: true,
        email: null,
        metadata: {},
        payouts_enabled: true,
        type: 'standard',
      }
    },
  },
]
