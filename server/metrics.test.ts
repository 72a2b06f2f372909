import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { figureLines, mayReadMetrics, RequestFigures } from './metrics.ts'

/** An answer that ends when it is told to; the figures look at nothing else of it. */
function exchange(method: string, statusCode: number) {
  const response = Object.assign(new EventEmitter(), { statusCode, headersSent: statusCode > 0 })
  return {
    request: { method } as IncomingMessage,
    response: response as unknown as ServerResponse,
    end: () => response.emit('close'),
  }
}

test('requests are counted by method and kind of answer, whatever their address', () => {
  const figures = new RequestFigures()
  for (const [method, status] of [
    ['GET', 200],
    ['GET', 204],
    ['BREW', 405],
    ['POST', 0],
  ] as const) {
    const { request, response, end } = exchange(method, status)
    figures.watch(request, response, 'other')
    end()
  }
  const open = exchange('GET', 200)
  figures.watch(open.request, open.response, 'webhook')
  const text = figures.lines().join('\n')
  expect(text).toContain('sundry_requests_total{kind="other",method="GET",status="2xx"} 2')
  expect(text).toContain('sundry_requests_total{kind="other",method="other",status="4xx"} 1')
  expect(text).toContain('sundry_requests_total{kind="other",method="POST",status="cut off"} 1')
  expect(text).toContain('sundry_requests_open 1')
  expect(text).toContain('sundry_request_seconds_bucket{le="10"} 4')
  expect(text).toContain('sundry_request_seconds_count 4')
})

test('a figure with labels is declared once', () => {
  expect(
    figureLines([
      { name: 'events', label: ['state', 'parked'], value: 2 },
      { name: 'events', label: ['state', 'waiting'], value: 0 },
      { name: 'backup_age_seconds', value: 5.5 },
      { name: 'stripe_calls_total', label: ['outcome', 'ok'], value: 7 },
    ]),
  ).toEqual([
    '# TYPE sundry_events gauge',
    'sundry_events{state="parked"} 2',
    'sundry_events{state="waiting"} 0',
    '# TYPE sundry_backup_age_seconds gauge',
    'sundry_backup_age_seconds 5.5',
    '# TYPE sundry_stripe_calls_total counter',
    'sundry_stripe_calls_total{outcome="ok"} 7',
  ])
})

test('only the whole token opens', () => {
  const token = 'a token of some length'
  expect(mayReadMetrics(`Bearer ${token}`, token)).toBe(true)
  for (const wrong of [undefined, '', 'Bearer ', `Bearer ${token}x`, token, `bearer ${token}`])
    expect(mayReadMetrics(wrong, token)).toBe(false)
})
