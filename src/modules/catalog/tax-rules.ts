/** A tax that prices already contain. */
export interface TaxRate {
  readonly id: string
  /** undefined: every product of the shop. */
  readonly productId: string | undefined
  /** ISO 3166-1 alpha-2; undefined: everywhere. */
  readonly country: string | undefined
  /** 1900 = 19 %. */
  readonly basisPoints: number
  readonly label: string
}

export type ToldTax = Pick<TaxRate, 'basisPoints' | 'label'>

/**
 * The rate for a product and a buyer's country, of the rates of this product and of the whole shop. The most exact
 * one wins: first what was said of the product, then what was said of the country. A book's reduced rate, say,
 * stays reduced in a country that has a rate of its own for everything else. undefined: no tax is told.
 */
export function exactTax(
  rates: readonly TaxRate[],
  productId: string,
  country: string | undefined,
): ToldTax | undefined {
  const fitting = rates.filter(
    (rate) =>
      (rate.productId === undefined || rate.productId === productId) &&
      (rate.country === undefined || rate.country === country),
  )
  const exactness = (rate: TaxRate) =>
    (rate.productId === undefined ? 0 : 2) + (rate.country === undefined ? 0 : 1)
  const best = fitting.toSorted((one, other) => exactness(other) - exactness(one))[0]
  return best && { basisPoints: best.basisPoints, label: best.label }
}

/** The rate that may stand beside a price because it is the same for every buyer; undefined when it depends. */
export function taxSameEverywhere(
  rates: readonly TaxRate[],
  productId: string,
): ToldTax | undefined {
  const everywhere = exactTax(rates, productId, undefined)
  if (!everywhere) return undefined
  const countries = new Set(rates.flatMap((rate) => rate.country ?? []))
  const isSame = [...countries].every((country) => {
    const there = exactTax(rates, productId, country)
    return there?.basisPoints === everywhere.basisPoints && there.label === everywhere.label
  })
  return isSame ? everywhere : undefined
}

/** Reads a typed percentage, "19", "7.7", "8,1 %", as basis points; undefined when it is none from 0 to 50 with two decimals. */
export function readPercent(text: string): number | undefined {
  const match = /^(\d{1,2})(?:[.,](\d{1,2}))?\s*%?$/.exec(text.trim())
  if (!match) return undefined
  const basisPoints = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
  return basisPoints <= 5000 ? basisPoints : undefined
}

/** "19 %", "7.7 %" */
export function percentWords(basisPoints: number): string {
  return `${basisPoints / 100} %`
}
