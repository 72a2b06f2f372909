import { expect, test } from 'vitest'
import { newSince } from './new-since.ts'
import type { DownloadItem, FileVersion } from './types.ts'

const version = (id: string): FileVersion => ({
  id,
  label: id,
  changes: '',
  fileName: 'a.pdf',
  byteSize: 1,
  format: 'PDF',
  pageCount: undefined,
  addedAt: new Date(0),
  isDamaged: false,
})
const file: DownloadItem = {
  id: 'file',
  kind: 'file',
  title: 'A',
  note: '',
  versions: [version('v3'), version('v2'), version('v1')],
}
const link: DownloadItem = { id: 'link', kind: 'link', title: 'L', note: '', url: 'https://a.b' }

test.each([
  ['the first one was fetched', ['v1'], ['file']],
  ['the one before was fetched', ['v1', 'v2'], ['file']],
  ['the newest was fetched', ['v1', 'v3'], []],
  ['nothing was fetched yet', [], []],
  ['only something else was fetched', ['other'], []],
])('a file is new when %s: %j', (_, fetched, fresh) => {
  expect(newSince([link, file], new Set(fetched))).toEqual(fresh)
})
