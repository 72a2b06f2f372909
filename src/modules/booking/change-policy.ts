import { minuteMs } from '#modules/platform/zones.ts'
import type { Appointment } from './types.ts'

/** What cancelling would do. Instants in milliseconds. */
export type CancelPolicy =
  | { readonly ok: true; readonly isLate: boolean; readonly freeUntil: number | undefined }
  | { readonly ok: false; readonly reason: 'over' | 'not_active' }

/** Whether a customer may still cancel an appointment, and whether it is too late to lose nothing. now: milliseconds. */
export function cancelPolicy(one: Appointment, now: number): CancelPolicy {
  if (one.state !== 'confirmed') return { ok: false, reason: 'not_active' }
  const starts = one.startsAt.getTime()
  if (now >= starts) return { ok: false, reason: 'over' }
  if (one.cancelCutoff === undefined) return { ok: true, isLate: false, freeUntil: undefined }
  const freeUntil = starts - one.cancelCutoff * minuteMs
  return { ok: true, isLate: now > freeUntil, freeUntil }
}

export type MovePolicy =
  | { readonly ok: true; readonly left: number | undefined }
  | { readonly ok: false; readonly reason: 'over' | 'not_active' | 'too_late' | 'too_many_moves' }

/** Whether a customer may still move an appointment, and how often. now: milliseconds. */
export function movePolicy(one: Appointment, now: number): MovePolicy {
  if (one.state !== 'confirmed') return { ok: false, reason: 'not_active' }
  const starts = one.startsAt.getTime()
  if (now >= starts) return { ok: false, reason: 'over' }
  if (one.moveCutoff !== undefined && now > starts - one.moveCutoff * minuteMs)
    return { ok: false, reason: 'too_late' }
  if (one.mostMoves === undefined) return { ok: true, left: undefined }
  const left = one.mostMoves - one.moves
  return left > 0 ? { ok: true, left } : { ok: false, reason: 'too_many_moves' }
}
