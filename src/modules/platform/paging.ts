/** Where a page of a list begins: just below or just above a row that was seen. Neither = at the top. */
export interface Turn {
  /** Id of a row: what comes after it, further down. */
  readonly older?: string
  /** Id of a row: what comes before it, further up. */
  readonly newer?: string
}

export interface ListPage<Row> {
  readonly rows: readonly Row[]
  /** The turn to the page above and the page below; undefined where there is none. */
  readonly newer: string | undefined
  readonly older: string | undefined
}

/** What a store is asked for: rows beyond `mark` (none = from the top) in one direction, nearest first. */
export interface Reach {
  readonly mark: string | undefined
  readonly direction: 'older' | 'newer'
  readonly limit: number
}

/**
 * One page of a list that is told from its newest row on. Pages are found by the id of a row and not by counting, so rows
 * that come or go meanwhile neither repeat nor hide any. most: rows a page. read: asks the store; at most twice.
 */
export async function readPage<Row extends { readonly id: string }>(
  turn: Turn,
  most: number,
  read: (reach: Reach) => Promise<readonly Row[]>,
): Promise<ListPage<Row>> {
  if (turn.newer !== undefined) {
    const found = await read({ mark: turn.newer, direction: 'newer', limit: most + 1 })
    if (found.length >= most) {
      const rows = found.slice(0, most).toReversed()
      return { rows, newer: found.length > most ? rows[0]?.id : undefined, older: rows.at(-1)?.id }
    }
    // Less than a page lies above: that is the top, and the top is a full page.
    return readPage({}, most, read)
  }
  const found = await read({ mark: turn.older, direction: 'older', limit: most + 1 })
  const rows = found.slice(0, most)
  return {
    rows,
    newer: turn.older === undefined ? undefined : rows[0]?.id,
    older: found.length > most ? rows.at(-1)?.id : undefined,
  }
}

/** Reads the turn from an address (`?older=` or `?newer=`); anything that cannot be an id counts as none. */
export function turnOf(
  query: URLSearchParams,
  isRowId: (text: string) => boolean = (text) => /^[\w:-]{1,255}$/.test(text),
): Turn {
  for (const way of ['older', 'newer'] as const) {
    const id = query.get(way)
    if (id !== null && isRowId(id)) return { [way]: id }
  }
  return {}
}

/** The addresses of the pages around one, keeping what else the address says (search, filter). */
export function turnLinks(
  url: URL,
  page: Pick<ListPage<unknown>, 'newer' | 'older'>,
): { readonly newer: string | undefined; readonly older: string | undefined } {
  const link = (way: 'newer' | 'older', id: string | undefined) => {
    if (id === undefined) return undefined
    const query = new URLSearchParams(url.searchParams)
    query.delete('newer')
    query.delete('older')
    query.set(way, id)
    return `${url.pathname}?${query}`
  }
  return { newer: link('newer', page.newer), older: link('older', page.older) }
}
