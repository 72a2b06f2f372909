import { startSandbox } from '../sandbox/stripe/index.ts'

type Json = Readonly<Record<string, unknown>>

/** What Stripe tells of one sale: its session before and after paying (with what the shop expands), and the event. */
export interface RecordedSale {
  readonly open: Json
  readonly paid: Json
  readonly event: Json
}

const key = 'sk_test_recorded'

/** One sale in a sandbox of its own in memory: answers of the right shape and size to measure with. */
export async function recordSale(): Promise<RecordedSale> {
  const sandbox = await startSandbox({ key, rateLimit: 'off' })
  const ask = async (path: string, form?: Readonly<Record<string, string>>): Promise<Json> => {
    const answer = await fetch(`${sandbox.url}${path}`, {
      headers: { authorization: `Bearer ${key}` },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Json // the sandbox answers objects
  }
  try {
    const open = await ask('/v1/checkout/sessions', {
      mode: 'payment',
      client_reference_id: '00000000-0000-4000-8000-000000000000',
      'line_items[0][quantity]': '1',
      'line_items[0][price_data][currency]': 'eur',
      'line_items[0][price_data][unit_amount]': '1800',
      'line_items[0][price_data][product_data][name]': 'The Wednesday Planner',
      success_url: 'http://localhost:3000/checkout/done',
      cancel_url: 'http://localhost:3000/checkout/back',
      'metadata[checkout_id]': '00000000-0000-4000-8000-000000000000',
      'payment_intent_data[metadata][checkout_id]': '00000000-0000-4000-8000-000000000000',
    })
    const session = String(open.id)
    await sandbox.control.pay({
      session,
      email: 'buyer@example.com',
      name: 'A Buyer',
      country: 'DE',
    })
    const paid = await ask(
      `/v1/checkout/sessions/${session}?expand[0]=payment_intent.latest_charge`,
    )
    const events = await ask('/v1/events?type=checkout.session.completed')
    const [event] = events.data as Json[] // a list holds its objects in data
    if (!event) throw new Error('The recorded sale raised no event.')
    return { open, paid, event }
  } finally {
    await sandbox.close()
  }
}
