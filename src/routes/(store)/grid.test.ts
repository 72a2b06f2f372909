import { expect, it } from 'vitest'
import { spansOf, type Span } from './grid.ts'

const parts: Record<Span, number> = { whole: 6, half: 3, third: 2, tall: 4 }

it.each(Array.from({ length: 40 }, (_, count) => count))(
  '%i cards fill their rows to the end',
  (count) => {
    const spans = spansOf(count)
    expect(spans).toHaveLength(count)
    let filled = 0
    for (const span of spans.slice(count >= 3 ? 3 : 0)) {
      filled += parts[span]
      expect(filled).toBeLessThanOrEqual(6)
      if (filled === 6) filled = 0
    }
    expect(filled).toBe(0)
  },
)

it('makes the first of three or more the large one', () => {
  expect(spansOf(12)[0]).toBe('tall')
  expect(spansOf(12).slice(1)).not.toContain('tall')
})
