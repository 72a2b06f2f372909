import type Stripe from 'stripe'
import { GatewayError, type Lane } from '../../../gateway.ts'
import type { PriceSwap, SubscriptionGateway } from '../../../subscription-gateway.ts'
import { idOf, sessionView } from './translate.ts'
import {
  changePreview,
  invoiceView,
  planCouponPrefix,
  priceView,
  subscriptionView,
} from './translate-subscription.ts'

export type Call = <Answer>(lane: Lane, ask: (stripe: Stripe) => Promise<Answer>) => Promise<Answer>

/** What is fetched with a subscription, so that one call tells all. */
const subscriptionParts = [
  'latest_invoice.payments',
  'default_payment_method',
  'customer.invoice_settings.default_payment_method',
  'discounts.source.coupon',
]
const invoiceParts = ['payments']
/** With what was refused last. */
const triedParts = ['payments.data.payment.payment_intent']

/** What a plan's price is found by at Stripe, however long ago it was made. */
const lookupKey = (planId: string) => `plan_${planId}`

/** As a plan's coupon is called at Stripe: found again by it, however long ago it was made. */
const couponId = (key: string) => `${planCouponPrefix}${key}`

const seconds = (instant: Date) => Math.floor(instant.getTime() / 1000)

/** Subscriptions, by Stripe's SDK. */
export function stripeSubscriptions(call: Call): SubscriptionGateway {
  const readSubscription = (id: string, lane: Lane) =>
    call(lane, async (stripe) =>
      subscriptionView(await stripe.subscriptions.retrieve(id, { expand: subscriptionParts })),
    )
  const readInvoice = (id: string, lane: Lane) =>
    call(lane, async (stripe) =>
      invoiceView(await stripe.invoices.retrieve(id, { expand: triedParts })),
    )
  const update = (
    id: string,
    change: Stripe.SubscriptionUpdateParams,
    lane: Lane,
    idempotencyKey?: string,
  ) =>
    call(lane, async (stripe) =>
      subscriptionView(
        await stripe.subscriptions.update(
          id,
          { ...change, expand: subscriptionParts },
          idempotencyKey === undefined ? {} : { idempotencyKey },
        ),
      ),
    )

  return {
    makeCustomer: (customer, lane) =>
      call(lane, async (stripe) => {
        const made = await stripe.customers.create(
          {
            email: customer.email,
            ...(customer.name ? { name: customer.name } : {}),
            metadata: { member_id: customer.memberId },
          },
          { idempotencyKey: `customer-${customer.key}` },
        )
        return { stripeCustomerId: made.id }
      }),

    async deleteCustomer(stripeCustomerId, lane) {
      try {
        await call(lane, (stripe) => stripe.customers.del(stripeCustomerId))
      } catch (error) {
        // Deleted before: asked again after a lost answer, or by the owner's hand at Stripe.
        if (!(error instanceof GatewayError) || error.fault !== 'not_found') throw error
      }
    },

    makeProduct: (product, lane) =>
      call(lane, async (stripe) => {
        const made = await stripe.products.create(
          { name: product.name, metadata: { app: 'sundry' } },
          { idempotencyKey: `membership-product-${product.key}` },
        )
        return { stripeProductId: made.id }
      }),

    async makePrice(price, lane) {
      const known = await call(lane, (stripe) =>
        stripe.prices.list({ lookup_keys: [lookupKey(price.planId)], limit: 1 }),
      )
      const found = known.data[0]
      if (found) return priceView(found)
      return call(lane, async (stripe) =>
        priceView(
          await stripe.prices.create(
            {
              product: price.stripeProductId,
              currency: price.currency.toLowerCase(),
              unit_amount: price.amountMinor,
              recurring: { interval: price.interval.unit, interval_count: price.interval.count },
              nickname: price.title,
              lookup_key: lookupKey(price.planId),
              metadata: { plan_id: price.planId },
            },
            { idempotencyKey: `plan-${price.planId}` },
          ),
        ),
      )
    },

    readPrice: (stripePriceId, lane) =>
      call(lane, async (stripe) =>
        priceView(await stripe.prices.retrieve(stripePriceId, { expand: ['product'] })),
      ),

    async updatePrice(stripePriceId, change, lane) {
      const price = await call(lane, (stripe) =>
        stripe.prices.update(stripePriceId, {
          active: change.isActive,
          nickname: change.title,
          expand: ['product'],
        }),
      )
      const { product } = price
      if (!change.isActive || typeof product === 'string' || product.deleted || product.active)
        return priceView(price)
      await call(lane, (stripe) => stripe.products.update(product.id, { active: true }))
      return { ...priceView(price), isActive: price.active }
    },

    async makePlanCoupon(coupon, lane) {
      const { reduction } = coupon
      try {
        await call(lane, (stripe) =>
          stripe.coupons.create({
            id: couponId(coupon.key),
            ...('basisPoints' in reduction
              ? { percent_off: reduction.basisPoints / 100 }
              : {
                  amount_off: reduction.amountMinor,
                  currency: reduction.currency.toLowerCase(),
                }),
            duration: coupon.duration,
            ...(coupon.months === undefined ? {} : { duration_in_months: coupon.months }),
            name: coupon.name.slice(0, 40),
            metadata: { app: 'sundry' },
          }),
        )
      } catch (error) {
        if (!(error instanceof GatewayError) || error.code !== 'resource_already_exists')
          throw error
      }
    },

    async hasPlanCoupon(key, lane) {
      try {
        await call(lane, (stripe) => stripe.coupons.retrieve(couponId(key)))
        return true
      } catch (error) {
        if (error instanceof GatewayError && error.fault === 'not_found') return false
        throw error
      }
    },

    makeSubscriptionSession: (session, lane) =>
      call(lane, async (stripe) =>
        sessionView(
          await stripe.checkout.sessions.create(
            {
              mode: 'subscription',
              customer: session.stripeCustomerId,
              client_reference_id: session.checkoutId,
              line_items: [{ price: session.stripePriceId, quantity: 1 }],
              payment_method_collection: session.isFree ? 'if_required' : 'always',
              ...(session.couponKey === undefined
                ? {}
                : { discounts: [{ coupon: couponId(session.couponKey) }] }),
              success_url: session.successUrl,
              cancel_url: session.cancelUrl,
              expires_at: seconds(session.expiresAt),
              metadata: { subscription_checkout_id: session.checkoutId },
              subscription_data: {
                metadata: { ...session.note, subscription_checkout_id: session.checkoutId },
                ...(session.trialDays > 0
                  ? {
                      trial_period_days: session.trialDays,
                      trial_settings: { end_behavior: { missing_payment_method: 'cancel' } },
                    }
                  : {}),
              },
            },
            { idempotencyKey: `subscription-checkout-${session.checkoutId}` },
          ),
        ),
      ),

    readSubscription,

    readInvoice,

    async findInvoiceOfPayment(paymentIntentId, lane) {
      const { data } = await call(lane, (stripe) =>
        stripe.invoicePayments.list({
          payment: { type: 'payment_intent', payment_intent: paymentIntentId },
          limit: 10,
        }),
      )
      const id = idOf(data[0]?.invoice)
      return id === undefined ? undefined : readInvoice(id, lane)
    },

    async listSubscriptions(after, lane) {
      const page = await call(lane, (stripe) =>
        stripe.subscriptions.list({
          status: 'all',
          limit: 100,
          expand: ['data.discounts.source.coupon'],
          ...(after === undefined ? {} : { starting_after: after }),
        }),
      )
      return {
        subscriptions: page.data.map(subscriptionView),
        next: page.has_more ? page.data.at(-1)?.id : undefined,
      }
    },

    previewSwap: (swap, lane) =>
      call(lane, async (stripe) =>
        changePreview(
          await stripe.invoices.createPreview({
            subscription: swap.stripeSubscriptionId,
            subscription_details: swapOf(swap),
            ...(swap.endsDiscount ? { discounts: '' as const } : {}),
          }),
        ),
      ),

    swapPrice: (swap, key, lane) =>
      update(
        swap.stripeSubscriptionId,
        {
          ...swapOf(swap),
          ...(swap.endsDiscount ? { discounts: '' as const } : {}),
          // Refused whole when the payment fails: the former plan stays exactly as it was.
          ...(swap.billing === 'now' ? { payment_behavior: 'error_if_incomplete' as const } : {}),
        },
        lane,
        `swap-${key}`,
      ),

    cancelAtPeriodEnd: (id, why, lane) =>
      update(
        id,
        {
          cancel_at_period_end: true,
          ...(why.comment ? { cancellation_details: { comment: why.comment } } : {}),
        },
        lane,
      ),

    takeCancelBack: (id, cancelsBy, lane) =>
      update(
        id,
        cancelsBy === 'period_end' ? { cancel_at_period_end: false } : { cancel_at: '' },
        lane,
      ),

    async cancelNow(id, lane) {
      try {
        return await call(lane, async (stripe) =>
          subscriptionView(
            await stripe.subscriptions.cancel(id, {
              invoice_now: false,
              prorate: false,
              expand: subscriptionParts,
            }),
          ),
        )
      } catch (error) {
        if (!(error instanceof GatewayError) || error.fault === 'unauthorised') throw error
        // One that has ended cannot be ended again.
        const told = await readSubscription(id, lane)
        if (told.status !== 'canceled' && told.status !== 'incomplete_expired') throw error
        return told
      }
    },

    pauseCollection: (id, lane) => update(id, { pause_collection: { behavior: 'void' } }, lane),

    resumeCollection: (id, startsToday, lane) =>
      update(
        id,
        {
          pause_collection: '',
          ...(startsToday
            ? {
                billing_cycle_anchor: { type: 'now' as const },
                proration_behavior: 'none' as const,
              }
            : {}),
        },
        lane,
      ),

    async payInvoice(stripeInvoiceId, key, lane, methodId) {
      try {
        return await call(lane, async (stripe) =>
          invoiceView(
            await stripe.invoices.pay(
              stripeInvoiceId,
              {
                expand: invoiceParts,
                ...(methodId === undefined ? {} : { payment_method: methodId }),
              },
              { idempotencyKey: `pay-${key}` },
            ),
          ),
        )
      } catch (error) {
        if (!(error instanceof GatewayError) || error.fault !== 'refused') throw error
        const told = await readInvoice(stripeInvoiceId, lane)
        if (told.status === 'open') throw error
        return told
      }
    },

    async openCardPage(page, lane) {
      const session = await call(lane, (stripe) =>
        stripe.billingPortal.sessions.create({
          customer: page.stripeCustomerId,
          return_url: page.returnUrl,
          flow_data: {
            type: 'payment_method_update',
            after_completion: { type: 'redirect', redirect: { return_url: page.returnUrl } },
          },
        }),
      )
      return { url: session.url }
    },
  }
}

function swapOf(swap: PriceSwap) {
  return {
    items: [{ id: swap.stripeItemId, price: swap.stripePriceId }],
    ...(swap.billing === 'now'
      ? { proration_behavior: 'always_invoice' as const, proration_date: seconds(swap.at) }
      : { proration_behavior: 'none' as const }),
  }
}
