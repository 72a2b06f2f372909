/** Where one thing of an ordered list goes. */
export type Move = 'first' | 'earlier' | 'later'

/** The ids with one moved by a place (or to the front); unchanged where it cannot go further or is not among them. */
export function moved(ids: readonly string[], id: string, move: Move): string[] {
  const from = ids.indexOf(id)
  if (from === -1) return [...ids]
  const to = move === 'first' ? 0 : move === 'earlier' ? from - 1 : from + 1
  if (to < 0 || to >= ids.length) return [...ids]
  const rest = ids.filter((_, index) => index !== from)
  return [...rest.slice(0, to), id, ...rest.slice(to)]
}

/** Whether one list holds exactly the ids of the other, each once: an order somebody sent may be trusted then. */
export function isReordering(ids: readonly string[], other: readonly string[]): boolean {
  const known = new Set(ids)
  return (
    known.size === ids.length &&
    other.length === ids.length &&
    new Set(other).size === other.length &&
    other.every((id) => known.has(id))
  )
}
