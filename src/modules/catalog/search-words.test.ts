import { expect, test } from 'vitest'
import { containing, prefixQuery, searchWords } from './search-words.ts'

test.each([
  ['Café notes', ['cafe', 'notes']],
  ["it's & | ! (a) <-> 'b':*", ['it', 's', 'a', 'b']],
  ['  ', []],
  ['Ångström 2.0', ['angstrom', '2', '0']],
  ['Книга', ['книга']],
  [
    'one two three four five six seven eight nine',
    'one two three four five six seven eight'.split(' '),
  ],
])('%j is searched as %j', (query, words) => {
  expect(searchWords(query)).toEqual(words)
})

test('a very long query is cut', () => {
  expect(searchWords('x'.repeat(10_000))).toEqual(['x'.repeat(200)])
})

test('all words must occur, the last may be only begun', () => {
  expect(prefixQuery(['note', 'b'])).toBe("'note' & 'b':*")
  expect(prefixQuery([])).toBeUndefined()
})

test('signs that mean something to LIKE are taken literally', () => {
  expect(containing('50%_\\')).toBe('%50\\%\\_\\\\%')
})
