import { expect, test } from 'vitest'
import { csvFigure, csvLine } from './csv.ts'

test('a line has its cells in order, quoted where it must be', () => {
  expect(csvLine(['a', 1, undefined, null, 'b,c', 'say "x"', 'two\nlines', ' edge'])).toBe(
    'a,1,,,"b,c","say ""x""","two\nlines"," edge"\r\n',
  )
})

test('what a spreadsheet would take for a formula is made text', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '|calc', '%0'])
    expect(csvLine([text])).toMatch(/^"?'/)
  expect(csvLine(['a=1', 'x@example.com'])).toBe('a=1,x@example.com\r\n')
})

test('figures of ours stay figures, also below zero', () => {
  expect(csvLine([csvFigure('-12.34'), csvFigure('5'), -3])).toBe('-12.34,5,-3\r\n')
  expect(csvLine([csvFigure('=1')])).toBe("'=1\r\n")
})
