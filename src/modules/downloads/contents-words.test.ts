import { expect, test } from 'vitest'
import { deliveryWords, itemWords, nextLabel, readLink } from './contents-words.ts'
import type { DownloadItem, FileVersion } from './types.ts'

const version = (byteSize: number, pageCount?: number): FileVersion => ({
  id: 'v',
  label: '1',
  changes: '',
  fileName: 'a.pdf',
  byteSize,
  format: 'PDF',
  pageCount,
  addedAt: new Date(0),
  isDamaged: false,
})
const file = (byteSize: number, pageCount?: number): DownloadItem => ({
  kind: 'file',
  id: 'f',
  title: 'A file',
  note: '',
  versions: [version(byteSize, pageCount), version(999_999_999)],
})
const link: DownloadItem = { kind: 'link', id: 'l', title: 'L', note: '', url: 'https://a.example' }
const snippet: DownloadItem = {
  kind: 'snippet',
  id: 's',
  title: 'S',
  note: '',
  body: 'x',
  language: 'CSS',
}

test('what is delivered is counted, the newest version of each file only', () => {
  expect(deliveryWords([file(12_000_000), file(36_000_000), file(1)])).toBe(
    '3 files, 48 MB, yours at once',
  )
  expect(deliveryWords([file(1500), link, snippet])).toBe(
    '1 file, 1 link, 1 snippet, 1.5 kB, yours at once',
  )
  expect(deliveryWords([link, link])).toBe('2 links, yours at once')
  expect(deliveryWords([])).toBe('Yours at once')
})

test('each item says what it is', () => {
  expect(itemWords(file(12_000_000, 42))).toBe('PDF, 42 pages, 12 MB')
  expect(itemWords(file(900, 1))).toBe('PDF, 1 page, 900 B')
  expect(itemWords(link)).toBe('Link')
  expect(itemWords({ ...link, url: 'mailto:a@example.com' })).toBe('E-mail address')
  expect(itemWords(snippet)).toBe('Snippet to copy, CSS')
  expect(itemWords({ ...snippet, language: '' })).toBe('Snippet to copy')
})

test.each([
  [[], '1'],
  [['1'], '2'],
  [['9', '8'], '10'],
  [['1.3'], '1.4'],
  [['v2 beta'], 'v3 beta'],
  [['May edition'], '2'],
  [['x'.repeat(29) + '9'], '2'],
])('after %j comes %j', (labels, next) => {
  expect(nextLabel(labels.map((label) => ({ label })))).toBe(next)
})

test.each([
  ['https://example.com/a?b=c#d', 'https://example.com/a?b=c#d'],
  ['example.com/course', 'https://example.com/course'],
  [' http://example.com ', 'http://example.com/'],
  ['mailto:hello@example.com', 'mailto:hello@example.com'],
])('%j is taken as %j', (text, url) => {
  expect(readLink(text)).toBe(url)
})

test.each([
  '',
  'javascript:alert(1)',
  'JAVASCRIPT:alert(1)',
  ' java\tscript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'file:///etc/passwd',
  'ftp://example.com',
  'blob:https://example.com/x',
  '//',
  'https://',
  'https://user:secret@example.com',
  'https://example.com\\@evil.example',
  'just words',
  'word',
  'mailto:',
  'mailto:nobody',
  `https://example.com/${'x'.repeat(2000)}`,
])('%j is refused', (text) => {
  expect(readLink(text)).toBeUndefined()
})
