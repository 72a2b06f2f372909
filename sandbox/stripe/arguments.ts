import type { SandboxOptions } from './options.ts'
import { parseArgs } from 'node:util'
import { isDeliveryProfile } from './delivery/profiles.ts'

export const USAGE = `Usage: node sandbox/stripe/main.ts [options]

  --port N               port to listen on, 0 = any (12111)
  --host ADDRESS         address to listen on (127.0.0.1)
  --store WHERE          memory, or a PostgreSQL connection string (memory)
  --public-url URL       base of links in the hosted pages; may carry a path
  --clock-table S.TABLE  one-row table with offset_ms that is the clock (PostgreSQL only)
  --seed N               the same ids on every run
  --delivery PROFILE     live, sandbox or test: how failed webhooks are tried again (sandbox)
  --delivery-timeout MS  how long an endpoint may take to answer (10000)
  --rate-limit N|off     API requests a second (by profile: 100, 25, off)
  --key sk_test_...      accept only this key
  --validate             check every answer and event against Stripe's schemas
  --with-parent          stop when standard input closes
  --help                 this text
`

export type CommandLine =
  | { kind: 'run'; options: SandboxOptions; withParent: boolean }
  | { kind: 'help' }
  | { kind: 'wrong'; message: string }

const DEFAULT_PORT = 12111

/** Reads the command line; a mistake comes back in words. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  let values
  try {
    values = parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        store: { type: 'string' },
        'public-url': { type: 'string' },
        'clock-table': { type: 'string' },
        seed: { type: 'string' },
        delivery: { type: 'string' },
        'delivery-timeout': { type: 'string' },
        'rate-limit': { type: 'string' },
        key: { type: 'string' },
        validate: { type: 'boolean' },
        'with-parent': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error))
  }
  if (values.help === true) return { kind: 'help' }
  const port = wholeNumber(values.port ?? `${DEFAULT_PORT}`)
  if (port === undefined || port > 65_535) return wrong('--port is a number from 0 to 65535.')
  const seed = values.seed === undefined ? undefined : wholeNumber(values.seed)
  if (values.seed !== undefined && seed === undefined) return wrong('--seed is a whole number.')
  const delivery = values.delivery ?? 'sandbox'
  if (!isDeliveryProfile(delivery)) return wrong('--delivery is live, sandbox or test.')
  const timeout = values['delivery-timeout']
  const deliveryTimeoutMs = timeout === undefined ? undefined : wholeNumber(timeout)
  if (timeout !== undefined && (deliveryTimeoutMs === undefined || deliveryTimeoutMs === 0))
    return wrong('--delivery-timeout is a number of milliseconds.')
  const limit = values['rate-limit']
  const rateLimit =
    limit === undefined ? undefined : limit === 'off' ? ('off' as const) : wholeNumber(limit)
  if (limit !== undefined && (rateLimit === undefined || rateLimit === 0))
    return wrong('--rate-limit is a number of requests a second, or off.')
  const store = values.store ?? 'memory'
  if (store !== 'memory' && !/^postgres(ql)?:\/\//.test(store))
    return wrong('--store is memory or a connection string that begins with postgres://.')
  const publicUrl = values['public-url']
  if (publicUrl !== undefined && !/^https?:\/\/[^\s]+$/.test(publicUrl))
    return wrong('--public-url is a web address.')
  const clockTable = values['clock-table']
  if (clockTable !== undefined && store === 'memory')
    return wrong('--clock-table needs a PostgreSQL store.')
  if (values.key !== undefined && !/^[rs]k_test_\w+$/.test(values.key))
    return wrong('--key begins with sk_test_ or rk_test_.')
  return {
    kind: 'run',
    withParent: values['with-parent'] ?? false,
    options: {
      port,
      host: values.host,
      store,
      publicUrl,
      clockTable,
      seed,
      delivery,
      deliveryTimeoutMs,
      rateLimit,
      key: values.key,
      validate: values.validate ?? false,
    },
  }
}

function wholeNumber(text: string): number | undefined {
  const number = /^\d+$/.test(text) ? Number(text) : NaN
  return Number.isSafeInteger(number) ? number : undefined
}

function wrong(message: string): CommandLine {
  return { kind: 'wrong', message }
}
