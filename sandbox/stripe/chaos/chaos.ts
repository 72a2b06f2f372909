import { invalidRequest } from '../api-error.ts'

/** What may go wrong with webhook deliveries. Probabilities are 0 to 1. */
export type DeliveryChaos = {
  /** Only events of these types; empty = all. `charge.*` names a group. */
  types: string[]
  /** Only these endpoints' ids; empty = all. */
  endpoints: string[]
  /** How many faults in all; 0 = no limit. */
  times: number
  duplicate: number
  late_duplicate: number
  late_duplicate_after_ms: number
  /** Each delivery waits a random part of this, so that neighbours change places. */
  reorder_window_ms: number
  delay_min_ms: number
  delay_max_ms: number
  drop: number
  /** Sandbox instant until which everything is dropped. */
  drop_all_until_ms: number
  truncate_body: number
  bad_signature: number
  stale_timestamp: number
  wrong_livemode: number
  old_api_version: number
  /** When the first attempt is made, compared with the answer to the request that caused it. */
  timing: 'normal' | 'before_response' | 'after_redirect'
  hold: boolean
}

/** What may go wrong with API requests. */
export type ApiChaos = {
  /** Only these methods; empty = all. */
  methods: string[]
  /** Only paths that begin with one of these; empty = all under /v1. */
  paths: string[]
  times: number
  rate_limited: number
  retry_after_s: number
  error_before: number
  error_after: number
  timeout_before: number
  timeout_after: number
  /** How long a request that times out is kept open. */
  timeout_ms: number
  reset_after: number
  lock_timeout: number
  slow: number
  slow_ms: number
  /** Lists and searches do not yet show what is younger than this. */
  stale_reads_ms: number
  /** Sandbox instant until which every request is answered 503. */
  maintenance_until_ms: number
}

export type Chaos = { seed: number; deliveries: DeliveryChaos; api: ApiChaos }

export const CALM: Chaos = {
  seed: 1,
  deliveries: {
    types: [],
    endpoints: [],
    times: 0,
    duplicate: 0,
    late_duplicate: 0,
    late_duplicate_after_ms: 3_600_000,
    reorder_window_ms: 0,
    delay_min_ms: 0,
    delay_max_ms: 0,
    drop: 0,
    drop_all_until_ms: 0,
    truncate_body: 0,
    bad_signature: 0,
    stale_timestamp: 0,
    wrong_livemode: 0,
    old_api_version: 0,
    timing: 'normal',
    hold: false,
  },
  api: {
    methods: [],
    paths: [],
    times: 0,
    rate_limited: 0,
    retry_after_s: 1,
    error_before: 0,
    error_after: 0,
    timeout_before: 0,
    timeout_after: 0,
    timeout_ms: 90_000,
    reset_after: 0,
    lock_timeout: 0,
    slow: 0,
    slow_ms: 1_000,
    stale_reads_ms: 0,
    maintenance_until_ms: 0,
  },
}

/** Fields that are probabilities, so at most 1. */
const PROBABILITIES = new Set([
  'duplicate',
  'late_duplicate',
  'drop',
  'truncate_body',
  'bad_signature',
  'stale_timestamp',
  'wrong_livemode',
  'old_api_version',
  'rate_limited',
  'error_before',
  'error_after',
  'timeout_before',
  'timeout_after',
  'reset_after',
  'lock_timeout',
  'slow',
])

const TIMINGS: readonly DeliveryChaos['timing'][] = ['normal', 'before_response', 'after_redirect']

/**
 * Reads the body of `PUT /_sandbox/chaos`. What is left out is calm; `drop_all_for_ms` and
 * `maintenance_for_ms` count from now. Throws ApiError 400 on a name or value it does not know.
 */
export function parseChaos(body: Readonly<Record<string, unknown>>, nowMs: number): Chaos {
  for (const name of Object.keys(body))
    if (name !== 'seed' && name !== 'deliveries' && name !== 'api')
      throw invalidRequest(`Chaos has the parts seed, deliveries and api, not ${name}.`, {
        param: name,
      })
  const deliveries = part(body, 'deliveries', 'drop_all_for_ms', 'drop_all_until_ms', nowMs)
  const api = part(body, 'api', 'maintenance_for_ms', 'maintenance_until_ms', nowMs)
  const seed = body['seed'] ?? CALM.seed
  if (typeof seed !== 'number' || !Number.isSafeInteger(seed))
    throw invalidRequest('The seed of chaos is a whole number.', { param: 'seed' })
  return {
    seed,
    deliveries: fill(CALM.deliveries, deliveries, 'deliveries'),
    api: fill(CALM.api, api, 'api'),
  }
}

function part(
  body: Readonly<Record<string, unknown>>,
  name: string,
  forField: string,
  untilField: string,
  nowMs: number,
): Record<string, unknown> {
  const value = body[name] ?? {}
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidRequest(`${name} is an object.`, { param: name })
  const copy: Record<string, unknown> = { ...value }
  const span = copy[forField]
  delete copy[forField]
  if (span !== undefined) {
    if (typeof span !== 'number' || !(span >= 0))
      throw invalidRequest(`${forField} is a number of milliseconds.`, {
        param: `${name}[${forField}]`,
      })
    copy[untilField] = nowMs + span
  }
  return copy
}

/** The calm defaults with the given values laid over them, each checked against its default. */
function fill<T extends Readonly<Record<string, unknown>>>(
  calm: T,
  given: Readonly<Record<string, unknown>>,
  where: string,
): T {
  for (const [name, value] of Object.entries(given)) {
    const param = `${where}[${name}]`
    const pattern = calm[name]
    if (pattern === undefined) throw invalidRequest(`Chaos knows no ${param}.`, { param })
    if (!isLike(name, pattern, value))
      throw invalidRequest(`${param} cannot be ${JSON.stringify(value)}.`, { param })
  }
  return { ...calm, ...given }
}

function isLike(name: string, pattern: unknown, value: unknown): boolean {
  if (name === 'timing') return TIMINGS.some((timing) => timing === value)
  if (Array.isArray(pattern))
    return Array.isArray(value) && value.every((one) => typeof one === 'string')
  if (typeof pattern === 'boolean') return typeof value === 'boolean'
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return false
  return !PROBABILITIES.has(name) || value <= 1
}
