// A stand-in for Stripe that answers at once: sessions are made and read from memory, paying one sends its event three
// times. Its answers are those of one sale recorded in the sandbox, with ids, amounts and addresses exchanged. It checks
// no request and keeps no rules; the sandbox is there for that. Started by purchases.ts.
import { createHmac, randomUUID } from 'node:crypto'
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { recordSale } from './recorded-sale.ts'

const secret = process.argv[2]
if (!secret) throw new Error('What are events signed with?')
const timesEach = 3

interface Sale {
  readonly session: string
  readonly checkout: string
  readonly unitAmount: string
  readonly email: string
  readonly successUrl: string
  isPaid: boolean
}

const sale = await recordSale()
const recorded = {
  session: String(sale.open.id),
  checkout: String(sale.open.client_reference_id),
  event: String(sale.event.id),
  intent: /"(pi_\w+)"/.exec(JSON.stringify(sale.paid))?.[1] ?? '',
  charge: /"(ch_\w+)"/.exec(JSON.stringify(sale.paid))?.[1] ?? '',
}
const texts = {
  open: JSON.stringify(sale.open),
  paid: JSON.stringify(sale.paid),
  event: JSON.stringify(sale.event),
}
const sales = new Map<string, Sale>()
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
let webhook: URL | undefined

const server = createServer((incoming, response) => {
  answer(incoming, response).catch((error: unknown) => {
    response.writeHead(500).end(String(error))
  })
})
server.keepAliveTimeout = 65_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object')
    process.stdout.write(`${JSON.stringify({ port: address.port })}\n`)
})
process.on('SIGTERM', () => process.exit(0))

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(incoming.url ?? '/', 'http://stand-in')
  const path = pathname.split('/').slice(1)
  if (incoming.method === 'PUT' && pathname === '/webhook') {
    webhook = new URL(await bodyOf(incoming))
    return send(response, '{}')
  }
  if (incoming.method === 'POST' && pathname === '/v1/checkout/sessions')
    return send(response, open(new URLSearchParams(await bodyOf(incoming))))
  const made = sales.get(path.at(-1) ?? '')
  if (incoming.method === 'GET' && pathname.startsWith('/v1/checkout/sessions/') && made)
    return send(response, written(made.isPaid ? texts.paid : texts.open, made))
  if (incoming.method === 'POST' && path[0] === 'pay' && made) {
    incoming.resume()
    made.isPaid = true
    send(response, '{}')
    return deliver(made)
  }
  if (incoming.method === 'GET' && pathname === '/v1/events')
    return send(response, '{"object":"list","data":[],"has_more":false,"url":"/v1/events"}')
  incoming.resume()
  response.writeHead(404, { 'content-type': 'application/json' })
  response.end(
    '{"error":{"type":"invalid_request_error","code":"resource_missing","message":"None."}}',
  )
}

function open(form: URLSearchParams): string {
  const session = `cs_test_${randomUUID().replaceAll('-', '')}`
  const made: Sale = {
    session,
    checkout: form.get('client_reference_id') ?? '',
    unitAmount: form.get('line_items[0][price_data][unit_amount]') ?? '0',
    email: `buyer-${sales.size}@example.com`,
    successUrl: form.get('success_url') ?? '',
    isPaid: false,
  }
  sales.set(session, made)
  return written(texts.open, made)
}

/** The recorded words with what is this sale's own. */
function written(text: string, made: Sale): string {
  const own = made.session.slice('cs_test_'.length)
  const told = text
    .replaceAll(recorded.session, made.session)
    .replaceAll(recorded.checkout, made.checkout)
    .replaceAll(recorded.intent, `pi_${own}`)
    .replaceAll(recorded.charge, `ch_${own}`)
    .replaceAll('buyer@example.com', made.email)
    .replaceAll(
      /"(amount_total|amount_subtotal|amount|amount_received|amount_captured)":1800\b/g,
      `"$1":${made.unitAmount}`,
    )
    .replace(/"success_url":"[^"]*"/, `"success_url":${JSON.stringify(made.successUrl)}`)
  return told.replace(
    /"url":"http[^"]*"/,
    `"url":"http://127.0.0.1:${portOf()}/pay/${made.session}"`,
  )
}

function deliver(made: Sale): void {
  const body = written(texts.event, made).replaceAll(
    recorded.event,
    `evt_${randomUUID().replaceAll('-', '')}`,
  )
  for (let time = 0; time < timesEach; time++) void deliverOnce(body)
}

/** Until it is taken, as Stripe does, but sooner: a bench does not wait for an hour. */
async function deliverOnce(body: string): Promise<void> {
  for (let attempt = 1; attempt <= 20; attempt++) {
    if (await post(body)) return
    await new Promise((resolve) => setTimeout(resolve, 50 * attempt))
  }
  process.stderr.write('An event was refused for good.\n')
}

function post(body: string): Promise<boolean> {
  const at = Math.floor(Date.now() / 1000)
  const signature = createHmac('sha256', secret ?? '')
    .update(`${at}.${body}`)
    .digest('hex')
  return new Promise((resolve) => {
    if (!webhook) return resolve(false)
    const outgoing = request(webhook, {
      method: 'POST',
      agent,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
        'stripe-signature': `t=${at},v1=${signature}`,
      },
    })
    outgoing.on('response', (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    outgoing.on('error', () => resolve(false))
    outgoing.end(body)
  })
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let text = ''
  incoming.setEncoding('utf8')
  for await (const chunk of incoming) text += chunk
  return text
}

function send(response: ServerResponse, text: string): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

function portOf(): number {
  const address = server.address()
  return address && typeof address === 'object' ? address.port : 0
}
