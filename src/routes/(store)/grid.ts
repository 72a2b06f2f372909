/** Width of a card in a row of six parts; `tall` ones stand beside two of the others. */
export type Span = 'whole' | 'half' | 'third' | 'tall'

/**
 * How a number of cards fills a grid so that no row ends with a hole: the first is larger than the rest, and
 * what is left over is shared out as halves instead of standing alone.
 */
export function spansOf(count: number): Span[] {
  if (count <= 0) return []
  if (count === 1) return ['whole']
  if (count === 2) return ['half', 'half']
  return ['tall', 'third', 'third', ...rows(count - 3)]
}

function rows(count: number): Span[] {
  const halves = count % 3 === 0 ? 0 : count % 3 === 2 ? 2 : count === 1 ? 0 : 4
  if (count === 1) return ['whole']
  return [...Array<Span>(count - halves).fill('third'), ...Array<Span>(halves).fill('half')]
}
