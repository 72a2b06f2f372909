import { expect, test } from 'vitest'
import { lineField, linesField, manyLines, oneLine } from './plain-text.ts'

test.each([
  ['  A   title\n with\tbreaks ', 'A title with breaks'],
  ['nul\0inside', 'nul inside'],
  ['e\u0301', '\u00e9'],
  ['line\u2028separator', 'line separator'],
  ['\u0007', ''],
])('%j on one line is %j', (text, line) => {
  expect(oneLine(text)).toBe(line)
})

test.each([
  ['a\r\nb\rc\n', 'a\nb\nc'],
  ['tab\tstays', 'tab\tstays'],
  ['nul\0\u001b[31mgone', 'nul[31mgone'],
  ['    indented code', '    indented code'],
])('%j on many lines is %j', (text, lines) => {
  expect(manyLines(text)).toBe(lines)
})

test('a field is measured after cleaning, and a missing one is empty', () => {
  expect(lineField(5).safeParse(' 12345 ').data).toBe('12345')
  expect(lineField(5).safeParse('123456').success).toBe(false)
  expect(lineField(5).safeParse(undefined).data).toBe('')
  expect(linesField(5).safeParse('x'.repeat(100_000)).error?.issues[0]?.message).toBe(
    'Please shorten this to 5 characters.',
  )
})

test('signs that turn the direction of a line are left out; letters that run to the left stay', () => {
  expect(oneLine('invoice\u202Egpj.exe')).toBe('invoicegpj.exe')
  expect(oneLine('\u2067\u200FAnna\u2069\u061C \u202A\u202CBerg\u200E')).toBe('Anna Berg')
  expect(oneLine('נועה לוי')).toBe('נועה לוי')
  expect(oneLine('👩‍🚀 می‌خواهم')).toBe('👩‍🚀 می‌خواهم')
})
