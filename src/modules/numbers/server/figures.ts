import type { Db } from '#modules/platform/server/index.ts'
import { partsOf } from '../period.ts'
import { addUp } from '../sums.ts'
import type { DayFigures, Figures, ProductFigures } from '../types.ts'
import {
  countryFigures,
  couponFigures,
  dayFigures,
  newCustomersIn,
  numbersVersion,
  productFigures,
  titlesOf,
  type Asked,
} from './store.ts'

/** The figures of a part of a period, before titles are known. */
interface PartFigures {
  readonly days: readonly DayFigures[]
  readonly newCustomers: number
  readonly products: readonly Omit<ProductFigures, 'title'>[]
  readonly coupons: Figures['coupons']
  readonly countries: Figures['countries']
}

/** Parts that are over, each with the version it was added up at; the oldest leave. Six years of one shop. */
const remembered = new Map<string, { readonly version: number; readonly figures: PartFigures }>()
const mostRemembered = 220

/** Adds up a period. today: the owner's day; what is over is added up once. */
export async function figuresOf(db: Db, asked: Asked, today: string): Promise<Figures> {
  // Read first: what is added up afterwards is never older than the version it is remembered with.
  const version = await numbersVersion(db)
  const parts: PartFigures[] = []
  for (const part of partsOf(asked, today)) {
    const ask = { ...asked, from: part.from, to: part.to }
    parts.push(await (part.isOver ? rememberedPart(db, ask, version) : partFigures(db, ask)))
  }
  const products = mergeBy(
    parts.flatMap((part) => part.products),
    (one) => `${one.productId} ${one.isBundle}`,
    (one, other) => ({
      ...one,
      alone: one.alone + other.alone,
      aloneMinor: one.aloneMinor + other.aloneMinor,
      inBundles: one.inBundles + other.inBundles,
      inBundlesMinor: one.inBundlesMinor + other.inBundlesMinor,
    }),
  )
  const titles = await titlesOf(db, [...new Set(products.map((one) => one.productId))])
  const days = parts.flatMap((part) => part.days)
  return {
    days,
    total: addUp(days),
    newCustomers: parts.reduce((sum, part) => sum + part.newCustomers, 0),
    products: products
      .map((one) => ({ ...one, title: titles.get(one.productId) ?? '' }))
      .toSorted(
        (one, other) =>
          other.aloneMinor + other.inBundlesMinor - one.aloneMinor - one.inBundlesMinor ||
          other.alone + other.inBundles - one.alone - one.inBundles ||
          one.title.localeCompare(other.title),
      ),
    coupons: mergeBy(
      parts.flatMap((part) => part.coupons),
      (one) => one.code,
      (one, other) => ({
        code: one.code,
        orders: one.orders + other.orders,
        discountMinor: one.discountMinor + other.discountMinor,
        paidMinor: one.paidMinor + other.paidMinor,
      }),
    ).toSorted((one, other) => other.orders - one.orders || one.code.localeCompare(other.code)),
    countries: mergeBy(
      parts.flatMap((part) => part.countries),
      (one) => one.country,
      (one, other) => ({
        country: one.country,
        orders: one.orders + other.orders,
        paidMinor: one.paidMinor + other.paidMinor,
      }),
    ).toSorted(
      (one, other) => other.paidMinor - one.paidMinor || one.country.localeCompare(other.country),
    ),
  }
}

/** The sums of a period alone: what another is compared with. */
export async function sumsOf(
  db: Db,
  asked: Asked,
  today: string,
): Promise<Pick<Figures, 'total' | 'newCustomers'>> {
  const version = await numbersVersion(db)
  const parts: Pick<PartFigures, 'days' | 'newCustomers'>[] = []
  for (const part of partsOf(asked, today)) {
    const ask = { ...asked, from: part.from, to: part.to }
    if (part.isOver) parts.push(await rememberedPart(db, ask, version))
    else {
      const [days, newCustomers] = await Promise.all([dayFigures(db, ask), newCustomersIn(db, ask)])
      parts.push({ days, newCustomers })
    }
  }
  return {
    total: addUp(parts.flatMap((part) => part.days)),
    newCustomers: parts.reduce((sum, part) => sum + part.newCustomers, 0),
  }
}

async function rememberedPart(db: Db, asked: Asked, version: number): Promise<PartFigures> {
  const key = JSON.stringify([asked.zone, asked.money, asked.from, asked.to])
  const known = remembered.get(key)
  if (known?.version === version) return known.figures
  const figures = await partFigures(db, asked)
  remembered.delete(key)
  remembered.set(key, { version, figures })
  for (const oldest of remembered.keys()) {
    if (remembered.size <= mostRemembered) break
    remembered.delete(oldest)
  }
  return figures
}

async function partFigures(db: Db, asked: Asked): Promise<PartFigures> {
  const [days, newCustomers, products, coupons, countries] = await Promise.all([
    dayFigures(db, asked),
    newCustomersIn(db, asked),
    productFigures(db, asked),
    couponFigures(db, asked),
    countryFigures(db, asked),
  ])
  return { days, newCustomers, products, coupons, countries }
}

function mergeBy<One>(
  all: readonly One[],
  key: (one: One) => string,
  add: (one: One, other: One) => One,
): One[] {
  const merged = new Map<string, One>()
  for (const one of all) {
    const before = merged.get(key(one))
    merged.set(key(one), before ? add(before, one) : one)
  }
  return [...merged.values()]
}
