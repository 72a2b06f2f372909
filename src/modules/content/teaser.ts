import { markdownBlocks, renderMarkdown } from '#modules/platform/markdown.ts'
import { escaped } from './escaping.ts'
import { countWords, firstWords } from './reading.ts'

/** `<!-- more -->` on a line of its own: there the part that everybody may read ends. */
const breakLine = /^ {0,3}<!--\s*more\s*-->\s*$/i
const fenceLine = /^ {0,3}(`{3,}|~{3,})(.*)$/

/** Without a break the teaser is a third of the text, and never more than this. */
const mostWords = 120

/** The part of a premium post that everybody may read. */
export interface Teaser {
  /** Markdown: whole paragraphs and the like. */
  readonly bodyMd: string
  /** The beginning of the paragraph that follows, as plain words; '' where it ends between two. */
  readonly cut: string
}

/** Which lines are breaks. One in a block of code is code. */
function breaksIn(lines: readonly string[]): readonly number[] {
  const breaks: number[] = []
  let fence = ''
  for (const [at, line] of lines.entries()) {
    const [, signs, rest = ''] = fenceLine.exec(line) ?? []
    if (fence) {
      if (signs?.startsWith(fence) && rest.trim() === '') fence = ''
    } else if (signs && !(signs.startsWith('`') && rest.includes('`'))) fence = signs
    else if (breakLine.test(line)) breaks.push(at)
  }
  return breaks
}

/** The whole text without its breaks: as those read it who may. */
export function wholeOf(bodyMd: string): string {
  const lines = bodyMd.split('\n')
  const breaks = new Set(breaksIn(lines))
  return breaks.size === 0
    ? bodyMd
    : lines.map((line, at) => (breaks.has(at) ? '' : line)).join('\n')
}

/**
 * What everybody may read of a premium post: what stands before the break; without one the first paragraphs, a third of the words
 * and at most 120, and of the paragraph in which that ends its beginning as plain words, so that no word and no link is cut. Pure.
 */
export function teaserOf(bodyMd: string): Teaser {
  const lines = bodyMd.split('\n')
  const [end] = breaksIn(lines)
  if (end !== undefined) return { bodyMd: lines.slice(0, end).join('\n').trimEnd(), cut: '' }
  const blocks = markdownBlocks(bodyMd).map((block) => ({
    ...block,
    words: countWords(block.text),
  }))
  let left = Math.min(mostWords, Math.floor(blocks.reduce((sum, { words }) => sum + words, 0) / 3))
  const taken: typeof blocks = []
  let cut = ''
  for (const block of blocks) {
    if (block.words > left) {
      if (block.kind === 'paragraph') cut = firstWords(block.text, left)
      break
    }
    left -= block.words
    taken.push(block)
  }
  // A heading of what is not shown would end it like a slammed door.
  if (cut === '') while (taken.at(-1)?.kind === 'heading') taken.pop()
  return { bodyMd: taken.map(({ source }) => source).join('\n\n'), cut }
}

/** The teaser as safe markup. */
export function renderTeaser({ bodyMd, cut }: Teaser): string {
  return renderMarkdown(bodyMd) + (cut === '' ? '' : `<p>${escaped(cut)} …</p>\n`)
}

/** The words of a Markdown text, in full, on one line; those of its paragraphs first, for who quotes its beginning. */
export function plainWords(bodyMd: string): string {
  const blocks = markdownBlocks(bodyMd)
  return [
    ...blocks.filter(({ kind }) => kind === 'paragraph'),
    ...blocks.filter(({ kind }) => kind !== 'paragraph'),
  ]
    .map(({ text }) => text)
    .filter((text) => text !== '')
    .join(' ')
}

/** The teaser's words on one line. */
export function teaserWords({ bodyMd, cut }: Teaser): string {
  return [plainWords(bodyMd), cut].filter(Boolean).join(' ')
}

/** Both forms of a text as safe markup, for its writer. */
export function previewOf(bodyMd: string): { readonly whole: string; readonly teaser: string } {
  return { whole: renderMarkdown(wholeOf(bodyMd)), teaser: renderTeaser(teaserOf(bodyMd)) }
}
