import type { OfferedPrice } from '#modules/catalog/types.ts'
import type { Touched } from './touched.server.ts'

/** What an action of the editor answers when something is to be done again: see again() in editing.server.ts. */
export interface EditorForm {
  readonly part: string
  readonly item: string
  readonly values: Readonly<Record<string, string>>
  readonly errors: Readonly<Record<string, string>>
  /** What is asked about before it is done. */
  readonly preview?: PricePreview
  /** Words that another tab or person saved while these were typed. */
  readonly meanwhile?: Readonly<
    Record<'title' | 'slug' | 'summary' | 'descriptionMd' | 'position', string>
  >
  /** The same of anything else: what is stored by now where it differs. */
  readonly stored?: readonly { readonly label: string; readonly text: string }[]
}

/** What a change of price would do: see price() in words-actions.server.ts. */
export interface PricePreview {
  readonly before: Omit<OfferedPrice, 'id'>
  readonly after: Omit<OfferedPrice, 'id'>
  readonly touched: Touched
  /** Sent along: only what was looked at is done. */
  readonly seen: string
}

/** The answer, where it is about this part (and this one of several equal forms); undefined otherwise. */
export function answerTo(
  form: EditorForm | null | undefined,
  part: string,
  item = '',
): EditorForm | undefined {
  return form?.part === part && form.item === item ? form : undefined
}

const words: Readonly<Record<string, string>> = {
  saved: 'Saved.',
  added: 'Added.',
  moved: 'Moved.',
  removed: 'Removed.',
  published: 'It is in the shop now.',
  archived: 'It is out of the shop. Its buyers keep it.',
  restored: 'It is a draft again. Look it over, then put it back into the shop.',
  duplicated: 'This is the copy: a draft with everything but buyers.',
}

/** Of some parts the words are their own, as the toast has them when script runs. */
const ownWords: Readonly<Record<string, string>> = { 'price.saved': 'The price is set.' }

/** What the page says after a redirect: "words.saved" -> "Saved." in the part "words". */
export function doneWords(done: string, part: string): string | undefined {
  const [where, what] = done.split('.', 2)
  if (where !== part || what === undefined) return undefined
  if (Object.hasOwn(ownWords, done)) return ownWords[done]
  return Object.hasOwn(words, what) ? words[what] : undefined
}
