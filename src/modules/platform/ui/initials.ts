/** One or two letters for a person: "Ana de la Cruz" -> "AC", "ana@example.com" -> "A", "" -> "?". */
export function initialsOf(name: string): string {
  const words = (name.split('@')[0] ?? '').split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  const first = firstLetter(words[0])
  const last = words.length > 1 ? firstLetter(words.at(-1)) : ''
  return (first + last).toUpperCase() || '?'
}

/** By character as people see it, so that no accent or emoji is torn. */
function firstLetter(word: string | undefined): string {
  for (const { segment } of new Intl.Segmenter().segment(word ?? '')) return segment
  return ''
}

/** Always the same one of four tints for the same name. */
export function tintOf(name: string): number {
  let sum = 0
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973
  return sum % 4
}
