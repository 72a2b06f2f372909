import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { startEmbedded } from '../server/database/embedded.ts'
import { startChild } from './child.ts'
import { requestBytes } from './connection.ts'
import type { Figure } from './figure.ts'
import { closedLoop } from './load.ts'
import { percentile } from './percentile.ts'

const key = 'sk_test_bench'
const connections = 8

/** The local Stripe by itself: calls that write, and its payment page, in memory and with every answer on disk first. */
export async function measureSandbox(quick: boolean): Promise<Figure[]> {
  const seconds = quick ? 2 : 4
  const inMemory = await measure('in memory', [], seconds)
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-bench-sandbox-'))
  const database = await startEmbedded({
    folder: path.join(folder, 'postgres'),
    logFile: path.join(folder, 'postgres.log'),
    durable: true,
    maxConnections: 40,
  })
  try {
    return [
      ...inMemory,
      ...(await measure('on disk', ['--store', database.url('postgres')], seconds)),
    ]
  } finally {
    await database.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(words: string, args: string[], seconds: number): Promise<Figure[]> {
  const child = await startChild('sandbox/stripe/main.ts', {
    args: ['--port', '0', '--key', key, '--rate-limit', 'off', ...args],
    isReady: (line) => line.startsWith('{"listening"'),
  })
  try {
    const { listening } = JSON.parse(child.line) as { listening: string }
    const { port } = new URL(listening)
    const calls = await closedLoop({
      port: Number(port),
      connections,
      seconds,
      request: (n) => post('/v1/customers', { email: `buyer${n}@example.com`, name: `Buyer ${n}` }),
    })
    if (calls.failed > 0) throw new Error(`customers.create ${words}: ${calls.failure}`)
    const session = (await fetch(`${listening}/v1/checkout/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: new URLSearchParams({
        mode: 'payment',
        'line_items[0][quantity]': '1',
        'line_items[0][price_data][currency]': 'eur',
        'line_items[0][price_data][unit_amount]': '1800',
        'line_items[0][price_data][product_data][name]': 'A Field Guide',
        success_url: 'http://localhost/done',
      }),
    }).then((answer) => answer.json())) as { url: string }
    const { pathname } = new URL(session.url)
    const page = await closedLoop({
      port: Number(port),
      connections: 1,
      seconds: seconds / 2,
      request: () => requestBytes('GET', pathname, { host: 'localhost' }),
    })
    if (page.failed > 0) throw new Error(`payment page ${words}: ${page.failure}`)
    return [
      {
        name: `sandbox ${words}: customers.create`,
        value: calls.perSecond,
        unit: 'a second',
        note: `${connections} at once; median ${percentile(calls.latencies, 50).toFixed(1)} ms, p99 ${percentile(calls.latencies, 99).toFixed(1)} ms`,
      },
      {
        name: `sandbox ${words}: payment page`,
        value: percentile(page.latencies, 50),
        unit: 'ms',
        note: 'median, one after the other',
      },
    ]
  } finally {
    await child.stop()
  }
}

function post(address: string, fields: Record<string, string>): Buffer {
  return requestBytes(
    'POST',
    address,
    {
      host: 'localhost',
      authorization: `Bearer ${key}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    new URLSearchParams(fields).toString(),
  )
}
