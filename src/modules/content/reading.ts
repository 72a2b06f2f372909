import { cutText } from '#modules/platform/cut-text.ts'

/** By the rules of Unicode (UAX 29): also for scripts that put no spaces between words. */
const words = new Intl.Segmenter('und', { granularity: 'word' })

export function countWords(text: string): number {
  let count = 0
  for (const { isWordLike } of words.segment(text)) if (isWordLike) count++
  return count
}

/** The beginning of a text, at most so many words, ending with a word. */
export function firstWords(text: string, most: number): string {
  let count = 0
  let end = 0
  for (const { isWordLike, index, segment } of words.segment(text)) {
    if (!isWordLike) continue
    if (++count > most) break
    end = index + segment.length
  }
  return text.slice(0, end)
}

/** What people read silently in a minute: 238 words of English prose (Brysbaert 2019, 190 studies). */
const wordsPerMinute = 238

/** Whole minutes, at least one. */
export function readingMinutes(wordCount: number): number {
  return Math.max(1, Math.round(wordCount / wordsPerMinute))
}

/** The beginning of a line of words, at most so many characters, ending with a word where it is cut. */
export function beginningOf(words: string, longest: number): string {
  if (words.length <= longest) return words
  const cut = cutText(words, longest - 1)
  const space = cut.lastIndexOf(' ')
  return `${(space > longest / 2 ? cut.slice(0, space) : cut).replace(/[\s,;:.–-]+$/, '')}…`
}
