import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outlineText } from './outline-text.ts'

const frame = { size: 60, width: 600, mostLines: 4 }

describe('a text set as shapes', () => {
  it('breaks between words and stays within its lines', () => {
    expect(outlineText('Weekly planner', frame)?.lines).toBe(1)
    expect(outlineText('A planner for weeks that do not go as planned', frame)?.lines).toBe(3)
    expect(outlineText('word '.repeat(80), frame)?.lines).toBe(4)
  })
  it('knows Latin letters with their accents, and says when a letter is missing', () => {
    expect(outlineText('Größe „Café“ – Œuvre', frame)).toBeDefined()
    expect(outlineText('Книга', frame)).toBeUndefined()
    expect(outlineText('  ', frame)).toBeUndefined()
  })
  it('moves every letter to its place', () => {
    // "l" twice: the same shape, once at 0 and once an advance further.
    const starts = [...(outlineText('ll', frame)?.paths.matchAll(/M(-?\d+)/g) ?? [])].map((match) =>
      Number(match[1]),
    )
    expect(new Set(starts).size).toBe(starts.length)
  })
  it('writes numbers only, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const set = outlineText(text, frame)
        if (set)
          expect(set.paths).toMatch(
            /^(<path transform="translate\(0 [\d.]+\) scale\([\d.]+\)" d="[MLHVQCZ\d\s-]*"\/>)+$/,
          )
      }),
    )
  })
})
