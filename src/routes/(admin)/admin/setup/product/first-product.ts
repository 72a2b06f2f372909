import { priceProblemWords, readPrice } from '#modules/catalog/price-rules.ts'
import { newProductForm } from '#modules/catalog/schemas.ts'
import { uploadProblem } from '#modules/downloads/upload-words.ts'
import { linkForm } from '#modules/downloads/schemas.ts'

/** What the wizard asks about the first product, as typed; the file comes beside it. */
export interface FirstProduct {
  readonly title: string
  readonly summary: string
  readonly amount: string
  readonly url: string
}

const lengths = { title: 120, summary: 240, amount: 30, url: 1_500 } as const

/** The fields by their names, cut to what an address can carry back to the form. */
export function typedProduct(field: (name: string) => string): FirstProduct {
  const cut = (name: keyof FirstProduct) => field(name).slice(0, lengths[name])
  return { title: cut('title'), summary: cut('summary'), amount: cut('amount'), url: cut('url') }
}

/**
 * What has to be put right before anything is made, by field; upload: why the file was not taken. Also after a redirect, from
 * what the address carries, so that nothing but known words is ever shown. Pure.
 */
export function productProblems(
  typed: FirstProduct,
  goods: { readonly hasFile: boolean; readonly upload: string },
  money: { readonly currency: string; readonly locale: string },
): Readonly<Record<string, string>> {
  const errors: Record<string, string> = {}
  const named = newProductForm.safeParse({ title: typed.title, kind: 'download' })
  if (!named.success) errors.title = named.error.issues[0]?.message ?? 'Give it a title.'
  const price = readPrice({ amount: typed.amount, isOpen: false, suggested: '' }, money.currency)
  if (!price.ok) errors.amount = priceProblemWords(price.reason, money.currency, money.locale)
  if (typed.url.trim() !== '') {
    const link = linkForm.safeParse({ title: 'A link', note: '', url: typed.url })
    if (!link.success) errors.url = link.error.issues[0]?.message ?? 'Type a web address.'
  }
  const uploadWords = uploadProblem(goods.upload)
  if (uploadWords) errors.file = uploadWords
  else if (!goods.hasFile && typed.url.trim() === '')
    errors.file = 'Choose a file, or type the address of what buyers get.'
  return errors
}
