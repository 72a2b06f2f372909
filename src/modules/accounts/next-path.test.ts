import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextPath } from './next-path.ts'

test.each([
  '/',
  '/dashboard',
  '/dashboard/settings#password',
  '/p/field-notes?from=mail&x=%2F%2Fevil.example',
  '/search?q=caf%C3%A9',
  '/p/caf%C3%A9',
])('%s is a path of the shop', (path) => {
  expect(nextPath(path, '/fallback')).toBe(path)
})

test.each([
  'https://evil.example/',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n//evil.example',
  ' //evil.example',
  '/..//evil.example',
  '/a/../..//evil.example',
  '/.//evil.example',
  '/%2e%2e//evil.example',
  '/%2f/evil.example',
  '/%252f%252fevil.example/..%252f',
  '/%5cevil.example',
  '/%255cevil.example',
  '/%09/evil.example',
  '/%0d%0aset-cookie:x=y',
  '/%00',
  '/%E0%A4%A',
  'javascript:alert(1)',
  'dashboard',
  '@evil.example',
  '/sign-in',
  '/sign-in/code?request=1',
  '/SIGN-OUT',
  '/a/../sign-out',
  '',
  `/${'a'.repeat(500)}`,
])('%j leads to the fallback', (text) => {
  expect(nextPath(text, '/fallback')).toBe('/fallback')
})

test('nothing to go to leads to the fallback', () => {
  expect(nextPath(null, '/fallback')).toBe('/fallback')
  expect(nextPath(undefined, '/fallback')).toBe('/fallback')
})

test('whatever is asked for, a browser stays in the shop', () => {
  const piece = fc.constantFrom(
    '/', '//', '\\', '.', '..', '%2f', '%2F', '%5c', '%2e', '%252e', '%09', '\t', '\n', '@', ':',
    'evil.example', 'a', '?', '#', 'https:', '%', 'é',
  ) // prettier-ignore
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const path = nextPath(pieces.join(''), '/fallback')
      const base = 'https://shop.example'
      expect(new URL(path, base).origin).toBe(base)
      // What a proxy in between may decode: the path alone, never what follows ? or #.
      expect(new URL(decodeURIComponent(new URL(path, base).pathname), base).origin).toBe(base)
      expect(path).toMatch(/^\/(?![/\\])/)
    }),
    { numRuns: 2_000 },
  )
})
