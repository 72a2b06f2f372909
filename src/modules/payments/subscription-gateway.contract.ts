import { describe, expect, test } from 'vitest'
import { newId } from '#modules/platform/ids.ts'
import type { OtherSide } from './gateway.contract.ts'
import type { PriceSwap } from './subscription-gateway.ts'
import type { Interval } from './types.ts'

/** The other side, as far as subscriptions need it. */
export interface OtherSideOfSubscriptions extends OtherSide {
  /** Pays with a card that can be saved; fails: and is declined whenever it is charged later. */
  subscribe(sessionId: string, card: 'pays' | 'fails_later'): Promise<void>
  passTime(milliseconds: number): Promise<void>
  /** What a holder does on the provider's own page: an end by date, without the flag. */
  endByDate(stripeSubscriptionId: string): Promise<void>
}

const day = 86_400_000

/** What every payment provider's adapter keeps to, where it comes to subscriptions. */
export function subscriptionGatewayContract(name: string, other: OtherSideOfSubscriptions): void {
  const gateway = () => other.gateway()

  async function aPlan(amountMinor = 1_000, interval: Interval = { unit: 'month', count: 1 }) {
    const { stripeProductId } = await gateway().makeProduct(
      { key: 'contract', name: 'Us' },
      'event',
    )
    const planId = newId()
    const wanted = {
      planId,
      stripeProductId,
      title: 'Gold',
      amountMinor,
      currency: 'EUR',
      interval,
    }
    return { wanted, price: await gateway().makePrice(wanted, 'event') }
  }

  async function begun(
    options: {
      trialDays?: number
      amountMinor?: number
      card?: 'pays' | 'fails_later'
      couponKey?: string
      isFree?: boolean
    } = {},
  ) {
    const { wanted, price } = await aPlan(options.amountMinor)
    const { stripeCustomerId } = await gateway().makeCustomer(
      { key: newId(), memberId: newId(), email: 'ada@example.com', name: 'Ada' },
      'person',
    )
    const checkoutId = newId()
    const session = await gateway().makeSubscriptionSession(
      {
        checkoutId,
        stripeCustomerId,
        stripePriceId: price.stripePriceId,
        trialDays: options.trialDays ?? 0,
        couponKey: options.couponKey,
        isFree: options.isFree ?? false,
        note: { member: 'one' },
        successUrl: 'http://localhost/done',
        cancelUrl: 'http://localhost/back',
        expiresAt: new Date((await other.now()).getTime() + 3_600_000),
      },
      'person',
    )
    await other.subscribe(session.sessionId, options.card ?? 'pays')
    const told = await gateway().readSession(session.sessionId, 'person')
    const subscription = await gateway().readSubscription(told.stripeSubscriptionId ?? '', 'event')
    return { wanted, price, checkoutId, stripeCustomerId, session, told, subscription }
  }

  describe(`subscriptions at the payment gateway ${name}`, () => {
    test('a plan’s price is made once, found again, and switched off and on; what it costs stays', async () => {
      const { wanted, price } = await aPlan(2_400, { unit: 'month', count: 3 })
      expect(price).toMatchObject({
        isActive: true,
        title: 'Gold',
        amountMinor: 2_400,
        currency: 'EUR',
        interval: { unit: 'month', count: 3 },
      })
      expect((await gateway().makePrice(wanted, 'event')).stripePriceId).toBe(price.stripePriceId)
      const change = { isActive: false, title: 'Platinum' }
      expect(await gateway().updatePrice(price.stripePriceId, change, 'event')).toEqual({
        ...price,
        ...change,
      })
      const again = await gateway().makePrice(wanted, 'event')
      expect(again).toMatchObject({ stripePriceId: price.stripePriceId, isActive: false })
    })

    test('a coupon is made once for each key, comes off as it was made, and is told with the subscription, in lists too', async () => {
      const key = newId()
      const coupon = {
        key,
        name: 'SPRING',
        reduction: { basisPoints: 2_500 },
        duration: 'repeating',
        months: 2,
      } as const
      expect(await gateway().hasPlanCoupon(key, 'person')).toBe(false)
      await gateway().makePlanCoupon(coupon, 'person')
      await gateway().makePlanCoupon(coupon, 'person')
      expect(await gateway().hasPlanCoupon(key, 'person')).toBe(true)
      const { subscription } = await begun({ couponKey: key })
      expect(subscription).toMatchObject({
        discount: {
          couponKey: key,
          name: 'SPRING',
          reduction: { basisPoints: 2_500 },
          duration: 'repeating',
        },
        latestInvoice: { paidMinor: 750, discountMinor: 250 },
      })
      expect(subscription.discount?.endsAt).toBeDefined()
      const { subscriptions } = await gateway().listSubscriptions(undefined, 'background')
      const listed = subscriptions.find(
        (one) => one.stripeSubscriptionId === subscription.stripeSubscriptionId,
      )
      expect(listed?.discount).toEqual(subscription.discount)
      const all = { ...coupon, key: newId(), duration: 'forever', months: undefined } as const
      await gateway().makePlanCoupon({ ...all, reduction: { basisPoints: 10_000 } }, 'person')
      const free = await begun({ couponKey: all.key, isFree: true })
      expect(free.subscription).toMatchObject({ status: 'active', latestInvoice: { paidMinor: 0 } })
    })

    test('a customer is made once for each wish', async () => {
      const wanted = { key: newId(), memberId: newId(), email: 'ada@example.com', name: undefined }
      const make = () => gateway().makeCustomer(wanted, 'person')
      const first = await make()
      expect(await make()).toEqual(first)
      expect(await gateway().makeCustomer({ ...wanted, key: newId() }, 'person')).not.toEqual(first)
    })

    test('a customer is deleted once; asked again it is as it was, and nothing is opened for them any more', async () => {
      const { stripeCustomerId, subscription } = await begun()
      await gateway().deleteCustomer(stripeCustomerId, 'person')
      await gateway().deleteCustomer(stripeCustomerId, 'person')
      expect(
        await gateway().readSubscription(subscription.stripeSubscriptionId, 'person'),
      ).toMatchObject({ status: 'canceled' })
      await expect(
        gateway().openCardPage(
          { stripeCustomerId, returnUrl: 'http://localhost/account' },
          'person',
        ),
      ).rejects.toMatchObject({ fault: 'not_found' })
    })

    test('a price is read as it stands there, open or not', async () => {
      const { price } = await aPlan()
      expect(await gateway().readPrice(price.stripePriceId, 'event')).toEqual(price)
      await gateway().updatePrice(price.stripePriceId, { isActive: false, title: 'Gold' }, 'event')
      expect(await gateway().readPrice(price.stripePriceId, 'event')).toEqual({
        ...price,
        isActive: false,
      })
      await expect(gateway().readPrice('price_nobody', 'event')).rejects.toMatchObject({
        fault: 'not_found',
      })
    })

    test('a session that is paid begins a subscription, told with all that follows from it', async () => {
      const { checkoutId, told, session, subscription, wanted, price, stripeCustomerId } =
        await begun()
      expect(session).toMatchObject({ checkoutId, isForSubscription: true, standing: 'open' })
      expect(told).toMatchObject({ standing: 'paid', checkoutId })
      expect(subscription).toMatchObject({
        stripeCustomerId,
        note: { member: 'one', subscription_checkout_id: checkoutId },
        status: 'active',
        currency: 'EUR',
        items: [{ stripePriceId: price.stripePriceId, planId: wanted.planId, amountMinor: 1_000 }],
        trialEndsAt: undefined,
        cancelsAt: undefined,
        isPaused: false,
        latestInvoice: {
          stripeSubscriptionId: subscription.stripeSubscriptionId,
          status: 'paid',
          reason: 'subscription_create',
          dueMinor: 1_000,
          paidMinor: 1_000,
        },
      })
      const { latestInvoice, items, cardFingerprint } = subscription
      expect(latestInvoice?.paymentIntentId).toMatch(/^pi_/)
      expect(latestInvoice?.periodEndsAt).toEqual(items[0]?.periodEndsAt)
      expect(cardFingerprint).not.toBe(undefined)
      const invoice = await gateway().readInvoice(latestInvoice?.stripeInvoiceId ?? '', 'event')
      expect(invoice).toEqual(latestInvoice)
    })

    test('a trial costs nothing and says when it ends [payments 36]', async () => {
      const { subscription } = await begun({ trialDays: 7 })
      const { status, startedAt, trialEndsAt, latestInvoice } = subscription
      expect({ status, paid: latestInvoice?.paidMinor }).toEqual({ status: 'trialing', paid: 0 })
      expect(trialEndsAt?.getTime()).toBe(startedAt.getTime() + 7 * day)
    })

    test('an end is planned and taken back, whether it was asked for by period or by date [payments 42, 43]', async () => {
      const { subscription } = await begun()
      const id = subscription.stripeSubscriptionId
      const end = subscription.items[0]?.periodEndsAt
      const planned = await gateway().cancelAtPeriodEnd(id, { comment: 'Too much' }, 'person')
      expect(planned).toMatchObject({ status: 'active', cancelsAt: end, cancelsBy: 'period_end' })
      const back = await gateway().takeCancelBack(id, 'period_end', 'person')
      expect(back).toMatchObject({ cancelsAt: undefined, cancelsBy: undefined })
      await other.endByDate(id)
      const byDate = await gateway().readSubscription(id, 'event')
      expect(byDate).toMatchObject({ cancelsAt: end, cancelsBy: 'date' })
      expect(await gateway().takeCancelBack(id, 'date', 'person')).toMatchObject({
        cancelsAt: undefined,
      })
    })

    test('ending it now ends it now, and again changes nothing', async () => {
      const { subscription } = await begun()
      const id = subscription.stripeSubscriptionId
      const ended = await gateway().cancelNow(id, 'person')
      expect(ended.status).toBe('canceled')
      expect(ended.endedAt).not.toBe(undefined)
      expect(await gateway().cancelNow(id, 'person')).toMatchObject({
        status: 'canceled',
        endedAt: ended.endedAt,
      })
    })

    const swapTo = async (
      subscription: Awaited<ReturnType<typeof begun>>['subscription'],
      amountMinor: number,
    ): Promise<PriceSwap> => ({
      stripeSubscriptionId: subscription.stripeSubscriptionId,
      stripeItemId: subscription.items[0]?.stripeItemId ?? '',
      stripePriceId: (await aPlan(amountMinor)).price.stripePriceId,
      at: await other.now(),
      billing: 'now',
    })

    test('a change of price costs exactly what its preview says [payments 45]', async () => {
      const { subscription } = await begun()
      await other.passTime(10 * day)
      const swap = await swapTo(subscription, 3_000)
      const preview = await gateway().previewSwap(swap, 'person')
      expect(preview.dueMinor).toBeGreaterThan(0)
      expect(preview.creditMinor).toBeGreaterThan(0)
      expect(preview.periodEndsAt).toEqual(subscription.items[0]?.periodEndsAt)
      const key = newId()
      const swapped = await gateway().swapPrice(swap, key, 'person')
      expect(swapped.items).toMatchObject([{ stripePriceId: swap.stripePriceId }])
      expect(swapped.latestInvoice).toMatchObject({
        reason: 'subscription_update',
        status: 'paid',
        paidMinor: preview.dueMinor,
      })
      const again = await gateway().swapPrice(swap, key, 'person')
      expect(again.latestInvoice?.stripeInvoiceId).toBe(swapped.latestInvoice?.stripeInvoiceId)
    })

    test('a change whose payment fails changes nothing [payments 46]', async () => {
      const { subscription, price } = await begun({ trialDays: 1, card: 'fails_later' })
      const swap = await swapTo(subscription, 3_000)
      await other.passTime(2 * day)
      const owing = await gateway().readSubscription(subscription.stripeSubscriptionId, 'event')
      expect(owing.status).toBe('past_due')
      expect(owing.latestInvoice).toMatchObject({ status: 'open', paidMinor: 0 })
      const asked = gateway().swapPrice({ ...swap, at: await other.now() }, newId(), 'person')
      await expect(asked).rejects.toMatchObject({ fault: 'refused' })
      const after = await gateway().readSubscription(subscription.stripeSubscriptionId, 'event')
      expect(after.items).toMatchObject([{ stripePriceId: price.stripePriceId }])
    })

    test('what is owed is tried at once: refused while the card is, and told as paid when it was paid already [payments 54]', async () => {
      const { subscription } = await begun({ trialDays: 1, card: 'fails_later' })
      await other.passTime(2 * day)
      const { latestInvoice } = await gateway().readSubscription(
        subscription.stripeSubscriptionId,
        'event',
      )
      const owed = latestInvoice?.stripeInvoiceId ?? ''
      await expect(gateway().payInvoice(owed, newId(), 'person')).rejects.toMatchObject({
        fault: 'refused',
      })
      const told = await gateway().readInvoice(owed, 'event')
      const { methodId } = await gateway().readSubscription(
        subscription.stripeSubscriptionId,
        'event',
      )
      expect(methodId).toMatch(/./)
      expect(told).toMatchObject({ status: 'open', refusedMethodId: methodId })
      await expect(gateway().payInvoice(owed, newId(), 'person', methodId)).rejects.toMatchObject({
        fault: 'refused',
      })
      const paying = await begun()
      const paid = paying.subscription.latestInvoice?.stripeInvoiceId ?? ''
      expect(await gateway().payInvoice(paid, newId(), 'person')).toMatchObject({ status: 'paid' })
    })

    test('a change that is not billed costs nothing for the rest of the period', async () => {
      const { subscription } = await begun()
      const swap = { ...(await swapTo(subscription, 500)), billing: 'unbilled' } as const
      const swapped = await gateway().swapPrice(swap, newId(), 'person')
      expect(swapped.items).toMatchObject([
        { stripePriceId: swap.stripePriceId, periodEndsAt: subscription.items[0]?.periodEndsAt },
      ])
      expect(swapped.latestInvoice?.stripeInvoiceId).toBe(
        subscription.latestInvoice?.stripeInvoiceId,
      )
    })

    test('all subscriptions are listed, ended ones too, page by page', async () => {
      const first = await begun()
      const second = await begun()
      await gateway().cancelNow(first.subscription.stripeSubscriptionId, 'person')
      const ids: string[] = []
      for (let after: string | undefined, pages = 0; pages < 50; pages++) {
        const page = await gateway().listSubscriptions(after, 'background')
        ids.push(...page.subscriptions.map(({ stripeSubscriptionId: id }) => id))
        after = page.next
        if (after === undefined) break
      }
      expect(ids.slice(0, 2)).toEqual([
        second.subscription.stripeSubscriptionId,
        first.subscription.stripeSubscriptionId,
      ])
    })

    test('a page to change the card has an address, and what is not there is not found', async () => {
      const { stripeCustomerId } = await begun()
      const page = { stripeCustomerId, returnUrl: 'http://localhost/account' }
      expect((await gateway().openCardPage(page, 'person')).url).toMatch(/^http/)
      for (const asked of [
        () => gateway().readSubscription('sub_nobody', 'event'),
        () => gateway().readInvoice('in_nobody', 'event'),
        () => gateway().openCardPage({ ...page, stripeCustomerId: 'cus_nobody' }, 'person'),
        () => gateway().cancelNow('sub_nobody', 'person'),
      ])
        await expect(asked()).rejects.toMatchObject({ fault: 'not_found' })
    })
  })
}
