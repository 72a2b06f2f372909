import type { PaymentMode } from '#modules/payments/types.ts'

export interface OrderLine {
  readonly id: string
  readonly productId: string
  readonly kind: string
  readonly title: string
  readonly quantity: number
  readonly unitMinor: number
  readonly totalMinor: number
  readonly tax:
    | { readonly basisPoints: number; readonly label: string; readonly minor: number }
    | undefined
}

export interface Order {
  readonly id: string
  readonly number: number
  readonly checkoutId: string
  readonly customerId: string
  readonly email: string
  readonly buyerName: string | undefined
  readonly country: string | undefined
  readonly currency: string
  readonly totalMinor: number
  readonly taxMinor: number
  readonly refundedMinor: number
  /** A dispute is open right now. */
  readonly isDisputed: boolean
  /** A dispute was lost: the bank took the money back. */
  readonly isDisputeLost: boolean
  readonly mode: PaymentMode
  readonly placedAt: Date
}

export interface OrderWithLines extends Order {
  readonly lines: readonly OrderLine[]
}
