import { expect, test } from 'vitest'
import { cancelPolicy, movePolicy } from './change-policy.ts'
import type { Appointment } from './types.ts'

const hour = 3_600_000
const starts = Date.parse('2026-11-24T10:00:00Z')
const one: Appointment = {
  id: '1',
  occasionId: '1',
  productId: '1',
  customerId: '1',
  title: 'Review',
  state: 'confirmed',
  startsAt: new Date(starts),
  endsAt: new Date(starts + hour),
  localStart: '2026-11-24T10:00',
  zone: 'UTC',
  placeKind: 'link',
  place: '',
  cancelCutoff: 1_440,
  moveCutoff: 1_440,
  mostMoves: 2,
  moves: 0,
  version: 1,
  rightId: undefined,
  cancelledBy: undefined,
  cancelReason: undefined,
  isSessionReturned: false,
}

test('cancelling is free up to the cut-off, to the minute, costs afterwards, and ends with the beginning', () => {
  expect(cancelPolicy(one, starts - 25 * hour)).toMatchObject({ ok: true, isLate: false })
  expect(cancelPolicy(one, starts - 24 * hour)).toMatchObject({ ok: true, isLate: false })
  expect(cancelPolicy(one, starts - 24 * hour + 1)).toMatchObject({ ok: true, isLate: true })
  expect(cancelPolicy(one, starts - 1)).toMatchObject({ ok: true, isLate: true })
  expect(cancelPolicy(one, starts)).toEqual({ ok: false, reason: 'over' })
  expect(cancelPolicy({ ...one, cancelCutoff: undefined }, starts - 1)).toMatchObject({
    isLate: false,
  })
  for (const state of ['cancelled', 'completed', 'no_show'] as const)
    expect(cancelPolicy({ ...one, state }, starts - 25 * hour)).toEqual({
      ok: false,
      reason: 'not_active',
    })
})

test('moving ends with its cut-off and with the last move', () => {
  expect(movePolicy(one, starts - 24 * hour)).toEqual({ ok: true, left: 2 })
  expect(movePolicy({ ...one, moves: 1 }, starts - 24 * hour)).toEqual({ ok: true, left: 1 })
  expect(movePolicy({ ...one, moves: 2 }, starts - 24 * hour)).toEqual({
    ok: false,
    reason: 'too_many_moves',
  })
  expect(movePolicy(one, starts - 23 * hour)).toEqual({ ok: false, reason: 'too_late' })
  expect(movePolicy({ ...one, moveCutoff: undefined, mostMoves: undefined }, starts - 1)).toEqual({
    ok: true,
    left: undefined,
  })
  expect(movePolicy(one, starts)).toEqual({ ok: false, reason: 'over' })
  expect(movePolicy({ ...one, state: 'cancelled' }, 0)).toEqual({ ok: false, reason: 'not_active' })
})
