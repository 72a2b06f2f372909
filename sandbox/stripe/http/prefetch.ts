import type { Kind } from '../engine/kinds.ts'
import type { Prefetch } from '../store/store.ts'
import type { Admitted } from './request.ts'
import { kindOfId } from '../engine/id-kinds.ts'

const MAX_NAMED = 20

/** Records that are read wherever their object is. */
const RECORD_OF: Partial<Record<Kind, Kind>> = {
  'checkout.session': '_checkout',
  invoice: '_invoice',
  payment_intent: '_intent',
  payment_method: '_instrument',
  setup_intent: '_setup',
  subscription: '_subscription',
  webhook_endpoint: '_endpoint',
}

/** The objects a write names in its path and parameters: it will read them first of all. */
export function namedIn(admitted: Admitted, raw: unknown): Prefetch {
  const wanted: { kind: string; id: string }[] = []
  for (const id of [...Object.values(admitted.match.path), ...textsIn(raw)].slice(0, MAX_NAMED)) {
    const kind = kindOfId(id)
    if (kind === undefined) continue
    wanted.push({ kind, id })
    const record = RECORD_OF[kind]
    if (record !== undefined) wanted.push({ kind: record, id })
  }
  return wanted
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}
