// A stand-in for Stripe: sessions are made and read from memory, paying one sends its event. How fast it answers and how
// often it tells an event is set when it is started (StandInManners, as JSON). Its answers are those of one sale recorded in the
// sandbox, with ids, amounts and addresses exchanged. It checks no request and keeps no rules; the sandbox is there for that.
// Started by stand-in.ts.
import { createHmac, randomUUID } from 'node:crypto'
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { recordSale } from './recorded-sale.ts'
import type { StandInManners } from './stand-in.ts'

const secret = process.argv[2]
if (!secret) throw new Error('What are events signed with?')
const manners: StandInManners = JSON.parse(process.argv[3] ?? '{}')
const { eventsEach = 1, sameEvent = false, answerMs = 0, slowShare = 0, slowMs = 0 } = manners
const { lostShare = 0, eventAfterMs = [0, 0], duplicateShare = 0 } = manners

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
/** Answers by idempotency key: who asks again gets the same session. */
const made = new Map<string, string>()
/** What became of deliveries: how often one was taken, refused (not 2xx), or got no answer. */
const told = { taken: 0, refused: 0, unanswered: 0, lostAnswers: 0 }
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
  if (incoming.method === 'GET' && pathname === '/told') return send(response, JSON.stringify(told))
  if (path[0] === 'v1') await takeTime()
  if (incoming.method === 'POST' && pathname === '/v1/checkout/sessions')
    return makeSession(incoming, response)
  const sold = sales.get(path.at(-1) ?? '')
  if (incoming.method === 'GET' && pathname.startsWith('/v1/checkout/sessions/') && sold)
    return send(response, written(sold.isPaid ? texts.paid : texts.open, sold))
  if (incoming.method === 'POST' && path[0] === 'pay' && sold) {
    incoming.resume()
    sold.isPaid = true
    send(response, JSON.stringify({ back: sold.successUrl }))
    return deliver(sold)
  }
  if (incoming.method === 'GET' && pathname === '/v1/events')
    return send(response, '{"object":"list","data":[],"has_more":false,"url":"/v1/events"}')
  incoming.resume()
  response.writeHead(404, { 'content-type': 'application/json' })
  response.end(
    '{"error":{"type":"invalid_request_error","code":"resource_missing","message":"None."}}',
  )
}

/** As slow as Stripe is: most answers alike, some much slower. */
async function takeTime(): Promise<void> {
  const ms = Math.random() < slowShare ? slowMs : answerMs
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
}

async function makeSession(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const key = String(incoming.headers['idempotency-key'] ?? randomUUID())
  const form = new URLSearchParams(await bodyOf(incoming))
  const isFirst = !made.has(key)
  const text = made.get(key) ?? open(form)
  made.set(key, text)
  if (isFirst && Math.random() < lostShare) {
    told.lostAnswers++
    return void response.destroy()
  }
  send(response, text)
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

function deliver(sold: Sale): void {
  const event = () =>
    written(texts.event, sold).replaceAll(recorded.event, `evt_${randomUUID().replaceAll('-', '')}`)
  const first = event()
  const bodies = Array.from({ length: eventsEach }, (_, n) =>
    n === 0 || sameEvent ? first : event(),
  )
  if (Math.random() < duplicateShare) bodies.push(first)
  for (const body of bodies) {
    const [from, to] = eventAfterMs
    setTimeout(() => void deliverOnce(body), from + Math.random() * (to - from))
  }
}

/** Until it is taken, as Stripe does, but sooner: a bench does not wait for an hour. */
async function deliverOnce(body: string): Promise<void> {
  for (let attempt = 1; attempt <= 100; attempt++) {
    if (await post(body)) return
    await new Promise((resolve) => setTimeout(resolve, Math.min(50 * attempt, 1_000)))
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
      const isTaken = response.statusCode === 200
      told[isTaken ? 'taken' : 'refused']++
      resolve(isTaken)
    })
    outgoing.on('error', () => {
      told.unanswered++
      resolve(false)
    })
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
