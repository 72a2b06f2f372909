import { account } from './account.ts'
import { catalogue } from './catalogue.ts'
import { abandonedSale, cardSale, delayedSale, fullSale, stubbornSale } from './checkout.ts'
import { coupons } from './coupons.ts'
import { customers } from './customers.ts'
import { disputes } from './disputes.ts'
import { fraudWarnings } from './fraud-warnings.ts'
import { payments } from './payments.ts'
import { refunds } from './refunds.ts'
import type { Journey } from './traveller.ts'

/** All a shop that sells things once does with Stripe, each journey on its own. */
export const oneTimeSale: readonly Journey[] = [
  catalogue,
  customers,
  coupons,
  cardSale,
  abandonedSale,
  delayedSale,
  fullSale,
  stubbornSale,
  payments,
  refunds,
  disputes,
  fraudWarnings,
  account,
]
