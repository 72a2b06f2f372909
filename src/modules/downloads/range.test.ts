import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSameFile, wantedBytes } from './range.ts'

const part = (start: number, end: number) => ({ kind: 'part', start, end })
const all = { kind: 'all' }
const outside = { kind: 'outside' }

test.each([
  [null, all],
  ['bytes=0-', part(0, 99)],
  ['bytes=0-0', part(0, 0)],
  ['bytes=40-', part(40, 99)],
  ['bytes=40-49', part(40, 49)],
  ['bytes=40-4000', part(40, 99)],
  ['bytes=99-99', part(99, 99)],
  ['bytes=-1', part(99, 99)],
  ['bytes=-100', part(0, 99)],
  ['bytes=-5000', part(0, 99)],
  ['BYTES = 1 - 2 ', part(1, 2)],
  ['bytes=100-', outside],
  ['bytes=100-200', outside],
  ['bytes=-0', outside],
  [`bytes=${'9'.repeat(400)}-`, outside],
  [`bytes=0-${'9'.repeat(400)}`, part(0, 99)],
  ['bytes=5-4', all],
  ['bytes=', all],
  ['bytes=-', all],
  ['bytes=a-b', all],
  ['bytes=1-2,4-5', all],
  ['bytes=0-0,-1', all],
  ['bytes=1.5-2', all],
  ['bytes=-1-2', all],
  ['bytes=+1-2', all],
  ['bytes=0x1-2', all],
  ['items=0-5', all],
  ['bytes 0-5', all],
  ['', all],
  ['bytes=1-2\r\nx: y', all],
])('of 100 bytes, %j asks for %j', (header, wanted) => {
  expect(wantedBytes(header, 100)).toEqual(wanted)
})

describe('an empty file', () => {
  test.each(['bytes=0-', 'bytes=0-0', 'bytes=-1', 'bytes=-0'])('has nothing in %s', (header) => {
    expect(wantedBytes(header, 0)).toEqual(outside)
  })
})

test('whatever is asked for, a part lies inside the file', { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^bytes=\d{0,20}-\d{0,20}$/)),
      fc.nat(),
      (header, byteSize) => {
        const wanted = wantedBytes(header, byteSize)
        if (wanted.kind !== 'part') return
        expect(wanted.start).toBeGreaterThanOrEqual(0)
        expect(wanted.end).toBeLessThan(byteSize)
        expect(wanted.start).toBeLessThanOrEqual(wanted.end)
      },
    ),
  )
})

test('a download is resumed only when the file is still the same', () => {
  const file = { etag: '"abc"', lastModified: 'Sat, 21 Nov 2026 10:00:00 GMT' }
  expect(isSameFile(null, file)).toBe(true)
  expect(isSameFile('"abc"', file)).toBe(true)
  expect(isSameFile('Sat, 21 Nov 2026 10:00:00 GMT', file)).toBe(true)
  expect(isSameFile('"other"', file)).toBe(false)
  expect(isSameFile('W/"abc"', file)).toBe(false)
  expect(isSameFile('Sat, 21 Nov 2026 09:59:59 GMT', file)).toBe(false)
})
