import { expect, test } from 'vitest'
import type { DownloadItem, FileItem, Goods } from '#modules/downloads/types.ts'
import { mainAction, noticeOf, shelfWords } from './shelf-words.ts'

const version = (id: string) => ({
  id,
  label: '1',
  changes: '',
  fileName: 'a.pdf',
  byteSize: 2_000_000,
  format: 'PDF',
  pageCount: 4,
  addedAt: new Date(0),
  isDamaged: false,
})
const file: FileItem = {
  id: 'i1',
  kind: 'file',
  title: 'A',
  note: '',
  versions: [version('new'), version('old')],
}
const link: DownloadItem = { id: 'i2', kind: 'link', title: 'L', note: '', url: 'https://a.b' }
const goods = (items: readonly DownloadItem[], directionsHtml = ''): Goods => ({
  greeting: '',
  directionsHtml,
  items,
})
const links = { new: '/downloads/e/new', old: '/downloads/e/old' }

test('a single file is fetched from the shelf at once, in its newest version', () => {
  expect(mainAction(goods([file]), links)).toEqual({ kind: 'download', href: '/downloads/e/new' })
})

test('several things, directions, nothing yet and what does not open lead to their page', () => {
  for (const one of [goods([file, link]), goods([link]), goods([file], '<p>x</p>'), goods([])])
    expect(mainAction(one, links)).toEqual({ kind: 'open' })
  expect(mainAction(undefined, {})).toEqual({ kind: 'open' })
})

test('a row says what is in it, or what kind of thing it is', () => {
  expect(shelfWords(goods([file, link]), 'Download')).toBe('1 file, 1 link, 2 MB')
  expect(shelfWords(goods([]), 'Download')).toBe('Download')
  expect(shelfWords(undefined, 'Service')).toBe('Service')
})

test('only words that are known are said', () => {
  expect(noticeOf(new URLSearchParams('notice=already-yours'))?.title).toBe('You own this already')
  expect(noticeOf(new URLSearchParams('notice=<b>'))).toBeUndefined()
})
