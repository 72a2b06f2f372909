import { cutText } from './cut-text.ts'
import createRenderer, { type Token } from 'markdown-it'

export interface MarkdownOptions {
  /**
   * The level that the text's shallowest heading gets on the page, be it written "#" or "##"; deeper ones follow, at
   * most h6. Default 2: the page has its own h1.
   */
  readonly topHeading?: 2 | 3 | 4
}

/** More than this is not rendered: the longest text a table takes is far below. */
const longestSource = 200_000

/**
 * Turns what the owner wrote as Markdown into HTML that is safe to put into a page: raw HTML is shown as text,
 * links go only to http, https, mailto or into this shop, pictures come only from this shop's own /images/
 * (others are shown as their description, so that no page ever loads from a foreign host), headings fit below
 * the page's own. Pure. Throws RangeError above 200,000 characters, which no stored text reaches.
 */
export function renderMarkdown(source: string, options: MarkdownOptions = {}): string {
  if (source.length > longestSource)
    throw new RangeError(`A text of ${source.length} characters is not rendered.`)
  return renderer.render(source, { topHeading: options.topHeading ?? 2 })
}

/** The words of a Markdown text on one line, cut at a word's end: for descriptions in search results and previews. */
export function markdownToText(source: string, longest: number): string {
  const words = renderer
    .parse(source.slice(0, longestSource), {})
    .flatMap((block) => (block.type === 'inline' ? [wordsOf(block.children ?? [])] : []))
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim()
  if (words.length <= longest) return words
  const cut = cutText(words, longest - 1)
  const lastSpace = cut.lastIndexOf(' ')
  return `${(lastSpace > longest / 2 ? cut.slice(0, lastSpace) : cut).replace(/[\s,;:.–-]+$/, '')}…`
}

/** A paragraph, heading, list, table, quote or piece of code of a text, in order. */
export interface MarkdownBlock {
  readonly kind: 'paragraph' | 'heading' | 'other'
  /** As it was written. */
  readonly source: string
  /** Its words on one line, without marks. */
  readonly text: string
}

/** The outermost blocks of a text. What is shown nowhere (the addresses of [links][by-name]) is in none of them. Pure. */
export function markdownBlocks(source: string): readonly MarkdownBlock[] {
  const lines = source.split('\n')
  const blocks: { kind: MarkdownBlock['kind']; source: string; texts: string[] }[] = []
  for (const token of renderer.parse(source.slice(0, longestSource), {})) {
    if (token.level === 0 && token.map && token.nesting >= 0)
      blocks.push({
        kind:
          token.type === 'paragraph_open'
            ? 'paragraph'
            : token.type === 'heading_open'
              ? 'heading'
              : 'other',
        source: lines
          .slice(...token.map)
          .join('\n')
          .trimEnd(),
        texts: [],
      })
    const text =
      token.type === 'inline'
        ? wordsOf(token.children ?? [])
        : token.type === 'fence' || token.type === 'code_block'
          ? token.content
          : ''
    blocks.at(-1)?.texts.push(text)
  }
  return blocks.map(({ texts, ...block }) => ({
    ...block,
    text: texts.filter(Boolean).join(' ').replace(/\s+/g, ' ').trim(),
  }))
}

/** Whether an address may stand in a link: http, https, mailto, or a path of this shop. */
export function isLinkAllowed(address: string): boolean {
  // Browsers drop tabs and line breaks inside an address before they look at its scheme.
  // oxlint-disable-next-line no-control-regex
  const plain = address.replace(/[\u0000-\u0020\u007f-\u009f]/g, '')
  if (/^(?:https?:\/\/[^/\\]|mailto:[^/])/i.test(plain)) return true
  // "//host" and "/\host" leave the shop; "#part" and "/path" stay in it.
  return /^(?:#|\/(?![/\\]))/.test(plain)
}

const renderer = createRenderer('default', {
  html: false,
  linkify: true,
  typographer: true,
  maxNesting: 20,
})
renderer.linkify.set({ fuzzyLink: false, fuzzyEmail: false })
renderer.validateLink = isLinkAllowed

renderer.core.ruler.push('fit_into_the_page', (state) => {
  const { topHeading } = state.env as { topHeading?: number }
  const headings = state.tokens.filter(
    (token) => token.type === 'heading_open' || token.type === 'heading_close',
  )
  const shallowest = Math.min(6, ...headings.map((token) => Number(token.tag.slice(1))))
  for (const token of headings) {
    const level = Number(token.tag.slice(1)) - shallowest + (topHeading ?? 2)
    token.tag = `h${Math.min(6, level)}`
  }
  for (const token of state.tokens) {
    for (const part of token.children ?? []) {
      if (part.type === 'link_open' && /^https?:/i.test(String(part.attrGet('href') ?? '')))
        part.attrSet('rel', 'nofollow noopener noreferrer')
      if (part.type === 'image') keepOwnPicture(part)
    }
  }
})

const ownPicture = /^\/images\/[0-9a-f-]{36}\.(?:webp|jpg)$/

function keepOwnPicture(picture: Token): void {
  if (ownPicture.test(String(picture.attrGet('src') ?? ''))) {
    picture.attrSet('loading', 'lazy')
    return
  }
  picture.type = 'text'
  picture.tag = ''
  picture.content = wordsOf(picture.children ?? [])
  picture.children = null
}

function wordsOf(parts: readonly Token[]): string {
  return parts
    .map((part) =>
      part.type === 'softbreak' || part.type === 'hardbreak'
        ? ' '
        : part.type === 'image'
          ? wordsOf(part.children ?? [])
          : part.content,
    )
    .join('')
}
