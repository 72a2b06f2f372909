import { mostCovered, readCoupon, type CouponFields } from '#modules/coupons/coupon-form.ts'
import type { TermWords } from '#modules/coupons/coupon-terms.ts'
import { ownerProducts, productTitles } from '#modules/catalog/server/index.ts'
import { planPrice } from '#modules/memberships/plan-words.ts'
import { plans } from '#modules/memberships/server/index.ts'
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
  const [site, titles, all] = await Promise.all([
    siteIdentity(db()),
    productTitles(db(), productIds),
    plans(db()),
  ])
  return {
    zone: site.timeZone,
    locale: site.locale,
    currency: site.currency,
    title: (id) => titles.get(id)?.title,
    planTitle: (id) => all.find((plan) => plan.id === id)?.title,
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
    products: chosen(form, 'products'),
    plans: chosen(form, 'plans'),
    duration: text('duration'),
    months: text('months'),
    from: text('from'),
    until: text('until'),
    minimum: text('minimum'),
    mostUses: text('mostUses'),
    mostUsesPerCustomer: text('mostUsesPerCustomer'),
    note: text('note'),
  }
}

function chosen(form: FormData, name: string): string[] {
  return form
    .getAll(name)
    .flatMap((value) => (typeof value === 'string' ? [value.slice(0, 100)] : []))
    .slice(0, mostCovered + 1)
}

/** Reads the form with what the catalogue knows: a product that is none is refused like one that was not chosen. */
export async function readPosted(
  fields: CouponFields,
  standing: { readonly code: string; readonly isActive: boolean },
) {
  const { currency, timeZone } = await siteIdentity(db())
  const titles = await productTitles(db(), fields.products.slice(0, mostCovered + 1))
  const known = {
    ...fields,
    products: fields.products.filter((id) => titles.has(id)),
    plans: await knownPlans(fields.plans),
  }
  return readCoupon(known, { currency, zone: timeZone }, standing)
}

async function knownPlans(ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return []
  const known = new Set((await plans(db())).map(({ id }) => id))
  return ids.filter((id) => known.has(id))
}

/** A plan that a coupon may be for. */
export interface PlanChoice {
  readonly id: string
  readonly title: string
  readonly price: string
  readonly isOffered: boolean
}

/** What the owner chooses from: all plans, those that are offered first. */
export async function planChoices(): Promise<readonly PlanChoice[]> {
  const [all, site] = await Promise.all([plans(db()), siteIdentity(db())])
  return all.slice(0, mostCovered).map((plan) => ({
    id: plan.id,
    title: plan.title,
    price: planPrice(plan, site.locale),
    isOffered: plan.isEnabled,
  }))
}

export const saveProblems = {
  other_kind: {
    covers: 'It has been used: it stays for products, or for plans, as it was. Make another one.',
  },
  code_taken: { code: 'Another coupon has this code already. Choose another one.' },
  fewer_than_used: {
    mostUses: 'It has been used, or is being paid with, more often than that already.',
  },
} as const
