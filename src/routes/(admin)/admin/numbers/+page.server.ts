import type { PageServerLoad } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { periodBefore } from '#modules/numbers/period.ts'
import { figuresOf, sumsOf } from '#modules/numbers/server/index.ts'
import { averageMinor, netMinor, paidMinor } from '#modules/numbers/sums.ts'
import { db } from '#modules/platform/server/index.ts'
import { askedOf } from './asked.server.ts'

/** More than these are in the export. */
const mostRows = 25

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const { asked, period, preset, problem, today, kinds } = await askedOf(event.url)
  const figures = await figuresOf(db(), asked, today)
  const before = await sumsOf(db(), { ...asked, ...periodBefore(period) }, today)
  return {
    period,
    preset,
    problem,
    today,
    money: asked.money,
    kinds: [...kinds],
    days: figures.days,
    total: {
      ...figures.total,
      paidMinor: paidMinor(figures.total),
      netMinor: netMinor(figures.total),
      averageMinor: averageMinor(figures.total),
      newCustomers: figures.newCustomers,
    },
    before: {
      orders: before.total.orders,
      netMinor: netMinor(before.total),
      newCustomers: before.newCustomers,
      averageMinor: averageMinor(before.total),
    },
    products: figures.products.filter((one) => !one.isBundle).slice(0, mostRows),
    bundles: figures.products.filter((one) => one.isBundle).slice(0, mostRows),
    coupons: figures.coupons.slice(0, mostRows),
    countries: figures.countries.slice(0, mostRows),
  }
}
