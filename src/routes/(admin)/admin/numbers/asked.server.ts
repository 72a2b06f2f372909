import type { MoneyKind } from '#modules/numbers/types.ts'
import { readPeriod } from '#modules/numbers/period.ts'
import { dayOf } from '#modules/platform/zoned-day.ts'
import {
  kindsOfMemberships,
  kindsOfMoney,
  membershipCurrencies,
} from '#modules/numbers/server/index.ts'
import { db, now, runtime } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

/** What the address asks for, in the shop's zone: page and exports read it alike. */
export async function askedOf(url: URL, kindsOf = kindsOfMoney) {
  const [site, instant, kinds] = await Promise.all([siteIdentity(db()), now(db()), kindsOf(db())])
  const today = dayOf(instant, site.timeZone)
  const read = readPeriod(url.searchParams, today)
  const usual: MoneyKind =
    runtime().settings.stripe.mode === 'live' || !kinds.has('play') ? 'real' : 'play'
  const named = url.searchParams.get('money')
  const money: MoneyKind =
    named === 'real' || named === 'play' ? named : kinds.has(usual) ? usual : 'real'
  return { ...read, today, site, kinds, asked: { ...read.period, zone: site.timeZone, money } }
}

/** The same of memberships, whose plans may be in several currencies: one is added up at a time. */
export async function askedMembershipsOf(url: URL) {
  const [read, currencies] = await Promise.all([
    askedOf(url, kindsOfMemberships),
    membershipCurrencies(db()),
  ])
  const named = url.searchParams.get('currency') ?? ''
  const usual = currencies.includes(read.site.currency) ? read.site.currency : currencies[0]
  const currency = currencies.includes(named) ? named : (usual ?? read.site.currency)
  return { ...read, currencies, asked: { ...read.asked, currency } }
}
