import type { Delivery, RequestEntry } from '../store/store.ts'

/** A delivery as the control API shows it over HTTP. */
export function deliveryOnWire(delivery: Delivery): Readonly<Record<string, unknown>> {
  return {
    id: delivery.id,
    event: delivery.event,
    event_type: delivery.eventType,
    endpoint: delivery.endpoint,
    status: delivery.status,
    held: delivery.held,
    cause: delivery.cause,
    faults: delivery.faults,
    created_ms: delivery.createdMs,
    next_at_ms: delivery.nextAtMs,
    attempts: delivery.attempts.map((attempt) => ({
      at_ms: attempt.atMs,
      status: attempt.status,
      duration_ms: attempt.durationMs,
      note: attempt.note,
    })),
  }
}

/** An entry of the request log as the control API shows it over HTTP. */
export function requestOnWire(entry: RequestEntry): Readonly<Record<string, unknown>> {
  return {
    id: entry.id,
    at_ms: entry.atMs,
    method: entry.method,
    path: entry.path,
    route: entry.route,
    status: entry.status,
    duration_ms: entry.durationMs,
    idempotency_key: entry.idempotencyKey,
    params: entry.params,
    error: entry.error,
  }
}
