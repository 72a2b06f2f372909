import { describe, expect, test } from 'vitest'
import { newId } from '#modules/platform/ids.ts'
import type { Gateway, NewSession } from './gateway.ts'

/** The other side, as far as only it can do things. */
export interface OtherSide {
  gateway(): Gateway
  /** A buyer pays the session there. */
  pay(sessionId: string, email: string): Promise<void>
  /** As long as the work lasts, every call is answered with this fault. */
  amid(fault: 'rate_limited' | 'unreachable', work: () => Promise<void>): Promise<void>
  /** Signs bytes as the provider would, now. */
  sign(body: string, secret: string): string
  /** The provider's own time. */
  now(): Promise<Date>
}

/** What every payment provider's adapter keeps to, whatever lies behind it. */
export function gatewayContract(name: string, other: OtherSide): void {
  const session = async (over: Partial<NewSession> = {}): Promise<NewSession> => ({
    checkoutId: newId(),
    currency: 'EUR',
    lines: [{ title: 'Field Notes', description: 'A notebook', unitMinor: 1_200, quantity: 2 }],
    discount: undefined,
    email: undefined,
    successUrl: 'http://localhost/done',
    cancelUrl: 'http://localhost/back',
    note: { product: 'one' },
    paymentNote: { sale: 'two' },
    expiresAt: new Date((await other.now()).getTime() + 2 * 3_600_000),
    ...over,
  })
  const paid = async (over: Partial<NewSession> = {}) => {
    const wanted = await session(over)
    const made = await other.gateway().createSession(wanted, 'person')
    await other.pay(made.sessionId, 'ada@example.com')
    const told = await other.gateway().readSession(made.sessionId, 'event')
    return { wanted, told }
  }
  const intentOf = (told: { paid: { paymentIntentId: string | undefined } | undefined }) =>
    told.paid?.paymentIntentId ?? ''

  describe(`the payment gateway ${name}`, () => {
    test('makes a session to pay at, which carries our checkout and what we wrote beside it', async () => {
      const wanted = await session()
      const made = await other.gateway().createSession(wanted, 'person')
      expect(made).toMatchObject({
        checkoutId: wanted.checkoutId,
        standing: 'open',
        paid: undefined,
      })
      expect(made.url).toMatch(/^http/)
      expect(made.note).toMatchObject({ product: 'one' })
      expect(made.expiresAt?.getTime()).toBe(Math.floor(wanted.expiresAt.getTime() / 1000) * 1000)
      expect(await other.gateway().readSession(made.sessionId, 'event')).toMatchObject({
        sessionId: made.sessionId,
        standing: 'open',
      })
    })

    test('asked again for the same checkout, also at the same moment, it gives the same session', async () => {
      const wanted = await session()
      const make = () => other.gateway().createSession(wanted, 'person')
      const first = await make()
      const again = await Promise.all([make(), make()])
      expect(again.map(({ sessionId }) => sessionId)).toEqual([first.sessionId, first.sessionId])
    })

    test('tells a paid session with its sum, currency, payment and the address that was typed', async () => {
      const { told, wanted } = await paid()
      expect(told).toMatchObject({
        checkoutId: wanted.checkoutId,
        standing: 'paid',
        email: 'ada@example.com',
        paid: { amountMinor: 2_400, currency: 'EUR' },
      })
      expect(intentOf(told)).not.toBe('')
    })

    test('closes an open session to payment; a paid one stays paid and is told so', async () => {
      const open = await other.gateway().createSession(await session(), 'person')
      expect(await other.gateway().expireSession(open.sessionId, 'background')).toMatchObject({
        standing: 'expired',
        paid: undefined,
      })
      expect(await other.gateway().expireSession(open.sessionId, 'background')).toMatchObject({
        standing: 'expired',
      })
      const { told } = await paid()
      expect(await other.gateway().expireSession(told.sessionId, 'background')).toMatchObject({
        standing: 'paid',
      })
    })

    test('gives money back once for each refund of ours, and tells it with its payment', async () => {
      const { told, wanted } = await paid()
      const refundId = newId()
      const ask = () =>
        other
          .gateway()
          .createRefund({ refundId, paymentIntentId: intentOf(told), amountMinor: 900 }, 'person')
      const first = await ask()
      expect(first).toMatchObject({ refundId, amountMinor: 900, currency: 'EUR' })
      expect((await ask()).stripeRefundId).toBe(first.stripeRefundId)
      const payment = await other.gateway().readPayment(intentOf(told), 'event')
      expect(payment).toMatchObject({ checkoutId: wanted.checkoutId, disputes: [] })
      expect(payment.note).toMatchObject({ sale: 'two' })
      expect(payment.refunds.map(({ stripeRefundId }) => stripeRefundId)).toEqual([
        first.stripeRefundId,
      ])
    })

    test('refuses to give back more than was paid, and what is not there', async () => {
      const { told } = await paid()
      const refund = (paymentIntentId: string, amountMinor: number) =>
        other.gateway().createRefund({ refundId: newId(), paymentIntentId, amountMinor }, 'person')
      await expect(refund(intentOf(told), 2_401)).rejects.toMatchObject({ fault: 'refused' })
      await expect(other.gateway().readSession('cs_test_nobody', 'event')).rejects.toMatchObject({
        fault: 'not_found',
      })
      await expect(other.gateway().readPayment('pi_nobody', 'event')).rejects.toMatchObject({
        fault: 'not_found',
      })
    })

    test.each(['rate_limited', 'unreachable'] as const)(
      'tells %s as such, and works again afterwards',
      async (fault) => {
        const { told } = await paid()
        await other.amid(fault, async () => {
          const asked = other.gateway().readSession(told.sessionId, 'person')
          await expect(asked).rejects.toMatchObject({ name: 'GatewayError', fault })
        })
        expect(await other.gateway().readSession(told.sessionId, 'person')).toMatchObject({
          standing: 'paid',
        })
      },
    )

    test('believes an event only when it is signed with one of the secrets, over exactly these bytes', () => {
      const body = JSON.stringify({
        id: 'evt_1',
        object: 'event',
        type: 'checkout.session.completed',
        created: 1_700_000_000,
        livemode: false,
        data: { object: { id: 'cs_1', object: 'checkout.session' } },
      })
      const verify = (text: string, signature: string, secrets: string[]) =>
        other.gateway().verify(Buffer.from(text), signature, secrets)
      const signature = other.sign(body, 'whsec_right')
      expect(verify(body, signature, ['whsec_other', 'whsec_right'])).toMatchObject({
        ok: true,
        event: { id: 'evt_1', type: 'checkout.session.completed', objectId: 'cs_1', payload: body },
      })
      const refused = { ok: false, reason: 'bad_signature' }
      expect(verify(body, signature, ['whsec_other'])).toEqual(refused)
      expect(verify(body, signature, [])).toEqual(refused)
      expect(verify(`${body} `, signature, ['whsec_right'])).toEqual(refused)
      expect(verify(body, '', ['whsec_right'])).toEqual(refused)
      expect(verify('[1]', other.sign('[1]', 'whsec_right'), ['whsec_right'])).toEqual({
        ok: false,
        reason: 'malformed',
      })
    })

    test('lists what happened, oldest first, from a time or after an event, never more than asked for', async () => {
      const since = await other.now()
      const sales = [await paid(), await paid(), await paid()]
      const events = await other.gateway().listEvents({ since }, 100, 'background')
      // Providers tell seconds: what happened shortly before may stand there too.
      const ours = sales.map(({ told }) => told.sessionId)
      const completed = events
        .filter(({ type }) => type === 'checkout.session.completed')
        .map(({ objectId }) => objectId)
      expect(completed.slice(-3)).toEqual(ours)
      const [first, ...rest] = events
      const after = await other.gateway().listEvents({ after: first?.id ?? '' }, 100, 'background')
      expect(after.map(({ id }) => id)).toEqual(rest.map(({ id }) => id))
      const few = await other.gateway().listEvents({ since }, 2, 'background')
      expect(few.map(({ id }) => id)).toEqual(events.slice(0, 2).map(({ id }) => id))
    })
  })
}
