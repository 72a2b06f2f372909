import type { Control, SandboxOptions } from '../index.ts'
import Stripe from 'stripe'
import { DEFAULT_KEY, startSandbox } from '../index.ts'
import { openDoor, type Door } from './door.ts'

/** A program that sells: a sandbox of its own, the real SDK, and a webhook door. */
export type Shop = {
  url: string
  stripe: Stripe
  control: Control
  door: Door
  /** An SDK client with other settings, or another key. */
  client(key?: string, config?: Partial<Stripe.StripeConfig>): Stripe
  /** A one-time checkout of one thing. */
  checkout(
    more?: Partial<Stripe.Checkout.SessionCreateParams>,
    amount?: number,
  ): Promise<Stripe.Checkout.Session>
  /** A checkout paid with a card; gives back the payment intent. */
  sell(card?: string, amount?: number): Promise<Stripe.PaymentIntent>
  /** Types of the account's events, oldest first. */
  eventTypes(about?: string): Promise<string[]>
  close(): Promise<void>
}

/** Every answer and event is checked against Stripe's schemas unless told otherwise. */
export async function openShop(options: SandboxOptions = {}): Promise<Shop> {
  const sandbox = await startSandbox({ validate: true, ...options })
  const door = await openDoor()
  const address = new URL(sandbox.url)
  const client = (key = DEFAULT_KEY, config: Partial<Stripe.StripeConfig> = {}): Stripe =>
    new Stripe(key, {
      host: address.hostname,
      port: address.port,
      protocol: 'http',
      telemetry: false,
      maxNetworkRetries: 0,
      ...config,
    })
  const stripe = client()
  const checkout: Shop['checkout'] = (more = {}, amount = 2400) =>
    stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [
        {
          price_data: { currency: 'eur', unit_amount: amount, product_data: { name: 'Workbook' } },
          quantity: 1,
        },
      ],
      success_url: 'https://shop.test/done?session={CHECKOUT_SESSION_ID}',
      cancel_url: 'https://shop.test/cart',
      ...more,
    })
  return {
    url: sandbox.url,
    stripe,
    control: sandbox.control,
    door,
    client,
    checkout,
    async sell(card = '4242424242424242', amount = 2400) {
      const session = await checkout({}, amount)
      const paid = await sandbox.control.pay({ session: session.id, card })
      if (paid.payment_intent === null) throw new Error('The session was not paid')
      return stripe.paymentIntents.retrieve(paid.payment_intent, { expand: ['latest_charge'] })
    },
    async eventTypes(about) {
      const events = await stripe.events.list({ limit: 100 }).autoPagingToArray({ limit: 1_000 })
      return events
        .filter((event) => about === undefined || JSON.stringify(event.data).includes(about))
        .map((event) => event.type)
        .reverse()
    },
    async close() {
      await sandbox.close()
      await door.close()
    },
  }
}

/** The charge an intent was expanded with. */
export function chargeOf(intent: Stripe.PaymentIntent): Stripe.Charge {
  const charge = intent.latest_charge
  if (charge === null || typeof charge === 'string') throw new Error('There is no expanded charge')
  return charge
}

/** The id in a field that was not expanded. */
export function idOf(field: string | { id: string } | null | undefined): string {
  if (typeof field !== 'string') throw new Error('The field holds no id')
  return field
}

/** What a refused SDK call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error
    throw error
  }
  throw new Error('The call was not refused')
}
