// The front page is a row of sections. Three are always there: the opening stands first, the range and the words about the owner
// can be moved and hidden. What the owner adds can be moved, hidden and removed.

export const sectionKinds = [
  'opening',
  'range',
  'about',
  'words',
  'questions',
  'quote',
  'picked',
] as const
export type SectionKind = (typeof sectionKinds)[number]

/** What the owner can add, any number of each. */
export const addedKinds = ['words', 'questions', 'quote', 'picked'] as const
type AddedKind = (typeof addedKinds)[number]

/** What a section stands on: the page's own ground, a shade of it, night, the brand's colour. */
export const grounds = ['plain', 'tint', 'dark', 'brand'] as const
export type Ground = (typeof grounds)[number]

export interface FrontSection {
  /** The name of its kind where there is one of it; else an id. */
  readonly id: string
  readonly kind: SectionKind
  readonly ground: Ground
  readonly isHidden: boolean
  /** '' : as the kind has it. Of a quote: who said it. */
  readonly title: string
  /** words: Markdown; questions: blocks, see `questionsIn`; quote: what was said; picked: the product's id. */
  readonly body: string
}

/** More than these are a website. */
export const mostSections = 12

const always = ['opening', 'range', 'about'] as const

export const usualSections: readonly FrontSection[] = always.map((kind) => section(kind, kind))

function section(id: string, kind: SectionKind): FrontSection {
  return { id, kind, ground: 'plain', isHidden: false, title: '', body: '' }
}

export const kindWords: Readonly<
  Record<SectionKind, { readonly label: string; readonly help: string }>
> = {
  opening: { label: 'Opening', help: 'The shop’s name, its sentence and the first product.' },
  range: { label: 'Everything on sale', help: 'The other products, with their covers.' },
  about: { label: 'About you', help: 'What Settings, Shop says of you.' },
  words: { label: 'Words', help: 'A heading and a text of yours.' },
  questions: { label: 'Questions and answers', help: 'What people ask before they buy.' },
  quote: { label: 'A quote', help: 'What somebody said of your work, and who it was.' },
  picked: { label: 'One product', help: 'A product put forward, large.' },
}

export const groundWords: Readonly<
  Record<Ground, { readonly label: string; readonly help: string }>
> = {
  plain: { label: 'Plain', help: 'The page as it is.' },
  tint: { label: 'Tint', help: 'A shade of the paper.' },
  dark: { label: 'Dark', help: 'Night, on a light page too.' },
  brand: { label: 'Brand', help: 'On your colour.' },
}

export function isGround(text: string): text is Ground {
  return grounds.some((ground) => ground === text)
}
export function isAddedKind(text: string): text is AddedKind {
  return addedKinds.some((kind) => kind === text)
}

export type SectionsResult =
  | { readonly ok: true; readonly sections: readonly FrontSection[] }
  | { readonly ok: false; readonly reason: 'no_such_section' | 'stays' | 'too_many' }

const done = (sections: readonly FrontSection[]): SectionsResult => ({ ok: true, sections })

/** One more, at the end; it shows nothing until it has something to say. */
export function withAdded(
  sections: readonly FrontSection[],
  kind: AddedKind,
  id: string,
): SectionsResult {
  return sections.length >= mostSections
    ? { ok: false, reason: 'too_many' }
    : done([...sections, section(id, kind)])
}

/** One place earlier or later. The opening stays first; at the ends nothing happens. */
export function withMoved(
  sections: readonly FrontSection[],
  id: string,
  by: 'earlier' | 'later',
): SectionsResult {
  const at = sections.findIndex((one) => one.id === id)
  const moved = sections[at]
  if (!moved) return { ok: false, reason: 'no_such_section' }
  if (moved.kind === 'opening') return { ok: false, reason: 'stays' }
  const to = by === 'earlier' ? at - 1 : at + 1
  const other = sections[to]
  if (!other || other.kind === 'opening') return done(sections)
  return done(sections.with(to, moved).with(at, other))
}

/** Hidden or shown again. A page without its opening would have no name. */
export function withHidden(
  sections: readonly FrontSection[],
  id: string,
  isHidden: boolean,
): SectionsResult {
  return changed(sections, id, (one) => (one.kind === 'opening' ? undefined : { ...one, isHidden }))
}

export function withGround(
  sections: readonly FrontSection[],
  id: string,
  ground: Ground,
): SectionsResult {
  return changed(sections, id, (one) => ({ ...one, ground }))
}

export function withWords(
  sections: readonly FrontSection[],
  id: string,
  words: { readonly title: string; readonly body: string },
): SectionsResult {
  return changed(sections, id, (one) => ({
    ...one,
    title: one.kind === 'opening' ? '' : words.title,
    body: isAddedKind(one.kind) ? words.body : '',
  }))
}

/** Takes away what was added; what is always there can only be hidden. */
export function withRemoved(sections: readonly FrontSection[], id: string): SectionsResult {
  const found = sections.find((one) => one.id === id)
  if (!found) return { ok: false, reason: 'no_such_section' }
  if (!isAddedKind(found.kind)) return { ok: false, reason: 'stays' }
  return done(sections.filter((one) => one !== found))
}

function changed(
  sections: readonly FrontSection[],
  id: string,
  change: (one: FrontSection) => FrontSection | undefined,
): SectionsResult {
  const at = sections.findIndex((one) => one.id === id)
  const found = sections[at]
  if (!found) return { ok: false, reason: 'no_such_section' }
  const next = change(found)
  return next ? done(sections.with(at, next)) : { ok: false, reason: 'stays' }
}

/** Whether it would stand on the page with nothing in it. */
export function isEmpty({ kind, title, body }: FrontSection): boolean {
  if (kind === 'words') return title === '' && body.trim() === ''
  return isAddedKind(kind) && body.trim() === ''
}

export interface Asked {
  readonly question: string
  /** Markdown. */
  readonly answer: string
}

/** Blocks with an empty line between them; the first line of each is the question, the rest its answer. */
export function questionsIn(body: string): Asked[] {
  return body
    .split(/\n[^\S\n]*\n+/)
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .map((block) => {
      const [question = '', ...answer] = block.split('\n')
      return { question: question.trim(), answer: answer.join('\n').trim() }
    })
}
