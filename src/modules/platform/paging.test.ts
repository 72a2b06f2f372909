import { expect, test } from 'vitest'
import { readPage, turnLinks, turnOf, type Reach } from './paging.ts'

/** Rows '9' ... '1', newest first, as a store would answer. */
function storeOf(ids: readonly string[]) {
  return async ({ mark, direction, limit }: Reach) => {
    const rows = ids.map((id) => ({ id }))
    const at = mark === undefined ? undefined : ids.indexOf(mark)
    if (at === -1) return []
    const beyond =
      direction === 'older'
        ? rows.slice(at === undefined ? 0 : at + 1)
        : rows.slice(0, at).toReversed()
    return beyond.slice(0, limit)
  }
}
const nine = storeOf(['9', '8', '7', '6', '5', '4', '3', '2', '1'])
const idsOf = (page: { rows: readonly { id: string }[] }) => page.rows.map((row) => row.id).join('')

test('walking down shows every row once and ends without a further page', async () => {
  const first = await readPage({}, 4, nine)
  expect([idsOf(first), first.newer, first.older]).toEqual(['9876', undefined, '6'])
  const second = await readPage({ older: '6' }, 4, nine)
  expect([idsOf(second), second.newer, second.older]).toEqual(['5432', '5', '2'])
  const third = await readPage({ older: '2' }, 4, nine)
  expect([idsOf(third), third.newer, third.older]).toEqual(['1', '1', undefined])
})

test('walking up again shows the page above, and the top as a full page', async () => {
  const second = await readPage({ newer: '1' }, 4, nine)
  expect([idsOf(second), second.newer, second.older]).toEqual(['5432', '5', '2'])
  const top = await readPage({ newer: '5' }, 4, nine)
  expect([idsOf(top), top.newer, top.older]).toEqual(['9876', undefined, '6'])
  const short = await readPage({ newer: '7' }, 4, nine)
  expect([idsOf(short), short.newer]).toEqual(['9876', undefined])
})

test('an empty list and a mark that is no row give an empty page', async () => {
  expect(await readPage({}, 4, storeOf([]))).toEqual({
    rows: [],
    newer: undefined,
    older: undefined,
  })
  expect((await readPage({ older: 'gone' }, 4, nine)).rows).toEqual([])
})

test('only what can be an id is read from an address', () => {
  expect(turnOf(new URLSearchParams('older=evt_1'))).toEqual({ older: 'evt_1' })
  expect(turnOf(new URLSearchParams('newer=a&x=1'))).toEqual({ newer: 'a' })
  expect(turnOf(new URLSearchParams('older=%27 or 1=1'))).toEqual({})
  expect(turnOf(new URLSearchParams('older=abc'), () => false)).toEqual({})
})

test('links keep the search and drop the turn they came by', () => {
  const url = new URL('http://shop.test/admin/orders?q=ann&older=5')
  expect(turnLinks(url, { newer: '4', older: undefined })).toEqual({
    newer: '/admin/orders?q=ann&newer=4',
    older: undefined,
  })
})
