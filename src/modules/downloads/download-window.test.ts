import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { covering, downloadsLeft, isOver, isWhole, type Span } from './download-window.ts'

const all = (spans: readonly Span[]) => spans.reduce<Span[]>(covering, [])

describe('what a completed download is [commerce 17]', () => {
  test.each<[string, Span[], boolean]>([
    ['in one go', [[0, 100]], true],
    [
      'broken off and resumed',
      [
        [0, 40],
        [40, 100],
      ],
      true,
    ],
    [
      'resumed with some bytes twice',
      [
        [0, 60],
        [40, 100],
      ],
      true,
    ],
    [
      'by a manager with four lines at once',
      [
        [75, 100],
        [0, 25],
        [50, 75],
        [25, 50],
      ],
      true,
    ],
    [
      'twice',
      [
        [0, 100],
        [0, 100],
      ],
      true,
    ],
    ['broken off', [[0, 99]], false],
    ['the end alone', [[50, 100]], false],
    [
      'with a hole',
      [
        [0, 40],
        [41, 100],
      ],
      false,
    ],
    ['nothing', [], false],
    [
      'no byte of it, again and again',
      [
        [10, 10],
        [0, 0],
      ],
      false,
    ],
  ])('%s', (_, spans, whole) => {
    expect(isWhole(all(spans), 100)).toBe(whole)
  })

  test('whatever the pieces and their order, it is complete exactly when no byte is missing', () => {
    const size = 30
    const span = fc
      .tuple(fc.nat(size - 1), fc.integer({ min: 1, max: size }))
      .map(([first, length]): Span => [first, Math.min(size, first + length)])
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), (spans) => {
        const bytes = new Set(
          spans.flatMap(([first, end]) =>
            Array.from({ length: end - first }, (_, at) => first + at),
          ),
        )
        const covered = all(spans)
        expect(isWhole(covered, size)).toBe(bytes.size === size)
        expect(covered.reduce((sum, [first, end]) => sum + end - first, 0)).toBe(bytes.size)
      }),
    )
  })

  test('an endless number of tiny pieces is kept within bounds and completes nothing by that', () => {
    const crumbs = Array.from({ length: 3_000 }, (_, at): Span => [at * 2, at * 2 + 1])
    expect(all(crumbs)).toHaveLength(1_000)
    expect(isWhole(all(crumbs), 6_000)).toBe(false)
  })
})

describe('when a download is over', () => {
  const begunAt = new Date('2026-03-01T12:00:00Z')
  const at = (hours: number) => new Date(begunAt.getTime() + hours * 3_600_000)
  test.each([
    ['at once', 0, 0, false],
    ['after a night', 100, 23.99, false],
    ['after a day', 0, 24, true],
    ['fetched twice and a half', 250, 1, false],
    ['fetched three times over', 300, 1, true],
  ])('%s', (_, deliveredBytes, hours, over) => {
    expect(isOver({ begunAt, covered: [], deliveredBytes }, 100, at(hours))).toBe(over)
  })
})

test.each([
  [{ most: null, extra: 0, completed: 99 }, undefined],
  [{ most: 3, extra: 0, completed: 1 }, 2],
  [{ most: 3, extra: 0, completed: 3 }, 0],
  [{ most: 1, extra: 0, completed: 3 }, 0],
  [{ most: 1, extra: 5, completed: 3 }, 3],
])('of %o there are %s left', (limit, left) => {
  expect(downloadsLeft(limit)).toBe(left)
})
