import { escaped } from '#modules/content/escaping.ts'

/** In characters. */
export const longestComment = 4_000

// Brackets and quotes end an address as people type it; so does whatever closes a sentence.
const address = /\bhttps?:\/\/[^\s<>"'`]+/gi
const ending = /[.,;:!?)\]}…]+$/

interface Piece {
  readonly kind: 'words' | 'link'
  readonly text: string
}

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const found of text.matchAll(address)) {
    const link = withoutEnding(found[0])
    if (link === undefined) continue
    pieces.push(
      { kind: 'words', text: text.slice(from, found.index) },
      { kind: 'link', text: link },
    )
    from = found.index + link.length
  }
  pieces.push({ kind: 'words', text: text.slice(from) })
  return pieces.filter((piece) => piece.text !== '')
}

/** A bracket that was opened in the address belongs to it. undefined: no host is left. */
function withoutEnding(found: string): string | undefined {
  let link = found.replace(ending, '')
  if (found[link.length] === ')' && link.includes('(') && !link.includes(')')) link += ')'
  return /^https?:\/\/[^/]/i.test(link) ? link : undefined
}

/**
 * A comment as safe markup: plain words in paragraphs and lines as they were typed, with links where an address of the web stands.
 * Whatever looks like markup is shown as the words it is. Pure.
 */
export function commentHtml(body: string): string {
  return body
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => `<p>${paragraph.split('\n').map(lineHtml).join('<br>')}</p>`)
    .join('')
}

function lineHtml(line: string): string {
  return piecesOf(line)
    .map(({ kind, text }) =>
      kind === 'link'
        ? `<a href="${escaped(text)}" rel="nofollow ugc noopener noreferrer">${escaped(text)}</a>`
        : escaped(text),
    )
    .join('')
}

/** How many addresses of the web stand in a text, without http, too. */
export function linksIn(body: string): number {
  return body.match(/\bhttps?:\/\/[^\s<>"'`]|\bwww\.[^\s<>"'`]/gi)?.length ?? 0
}

/** The words without their dress: two texts that differ by case, spaces and signs alone are the same here. */
export function bareWords(body: string): string {
  return body
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}
