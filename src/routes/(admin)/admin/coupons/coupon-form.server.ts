import { mostCovered, readCoupon, type CouponFields } from '#modules/coupons/coupon-form.ts'
import type { TermWords } from '#modules/coupons/coupon-terms.ts'
import { ownerProducts, productTitles } from '#modules/catalog/server/index.ts'
import { db, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

/** A product that a coupon may be for. */
export interface ProductChoice {
  readonly id: string
  readonly title: string
  readonly isSold: boolean
}

/** What the owner chooses from: the newest products that are not archived, and those that are chosen already. */
export async function productChoices(chosen: readonly string[]): Promise<readonly ProductChoice[]> {
  const { items } = await ownerProducts(db(), {
    state: undefined,
    search: '',
    limit: mostCovered,
    offset: 0,
  })
  const known = new Set(items.map((item) => item.id))
  const others = await productTitles(
    db(),
    chosen.filter((id) => !known.has(id)).slice(0, mostCovered),
  )
  return [
    ...[...others].map(([id, { title, state }]) => ({ id, title, isSold: state === 'live' })),
    ...items.map(({ id, title, state }) => ({ id, title, isSold: state === 'live' })),
  ]
}

/** How terms are told: in the shop's money and the owner's days, with the names of the products that are named. */
export async function termWords(productIds: readonly string[]): Promise<TermWords> {
  const [site, titles] = await Promise.all([siteIdentity(db()), productTitles(db(), productIds)])
  return {
    zone: site.timeZone,
    locale: site.locale,
    currency: site.currency,
    title: (id) => titles.get(id)?.title,
  }
}

export function postedFields(form: FormData): CouponFields {
  const text = (name: string) => textField(form, name).slice(0, 5_000)
  return {
    code: text('code'),
    takesOff: text('takesOff'),
    percent: text('percent'),
    amount: text('amount'),
    covers: text('covers'),
    products: form
      .getAll('products')
      .flatMap((value) => (typeof value === 'string' ? [value.slice(0, 100)] : []))
      .slice(0, mostCovered + 1),
    from: text('from'),
    until: text('until'),
    minimum: text('minimum'),
    mostUses: text('mostUses'),
    mostUsesPerCustomer: text('mostUsesPerCustomer'),
    note: text('note'),
  }
}

/** Reads the form with what the catalogue knows: a product that is none is refused like one that was not chosen. */
export async function readPosted(
  fields: CouponFields,
  standing: { readonly code: string; readonly isActive: boolean },
) {
  const { currency, timeZone } = await siteIdentity(db())
  const titles = await productTitles(db(), fields.products.slice(0, mostCovered + 1))
  const known = { ...fields, products: fields.products.filter((id) => titles.has(id)) }
  return readCoupon(known, { currency, zone: timeZone }, standing)
}

export const saveProblems = {
  code_taken: { code: 'Another coupon has this code already. Choose another one.' },
  fewer_than_used: {
    mostUses: 'It has been used, or is being paid with, more often than that already.',
  },
} as const
