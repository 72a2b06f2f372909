import { error, type Cookies } from '@sveltejs/kit'
import { monthOfTimes } from '#modules/booking/server/index.ts'
import { isDate, isMonth, isZone, type MonthOfTimes } from '#modules/booking/month.ts'
import type { Appointment } from '#modules/booking/types.ts'
import type { WhyNot } from '#modules/booking/why-not.ts'
import { db, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

/** By whose clocks times are told: the browser's, once its script said so; the shop's before. */
export function zoneOf(cookies: Cookies, shopZone: string): string {
  const known = cookies.get('zone')
  return known !== undefined && isZone(known) ? known : shopZone
}

/** The times of a month for a page that lets one be chosen. 404 for a product that is no service. */
export async function timesToChoose(
  productId: string,
  ask: { readonly zone: string; readonly month: string | undefined; readonly moving?: Appointment },
): Promise<MonthOfTimes> {
  const { locale } = await siteIdentity(db())
  const view = await monthOfTimes(db(), productId, { ...ask, locale })
  return view ?? error(404, 'There is no page here.')
}

/** Answers whoever asks for the times of a month anew; nothing keeps the answer. */
export async function timesAnswer(
  query: URLSearchParams,
  productId: string,
  moving?: Appointment,
): Promise<Response> {
  const [month, zone] = [query.get('month') ?? '', query.get('zone') ?? '']
  if (!isMonth(month) || !isZone(zone)) error(400, 'Ask for a month such as 2026-11, and a zone.')
  const view = await timesToChoose(productId, { month, zone, ...(moving ? { moving } : {}) })
  return Response.json(view, { headers: { 'cache-control': 'no-store' } })
}

/** What was chosen so far, as the form of the picker tells it. */
export interface Chosen {
  readonly zone: string
  readonly month: string | undefined
  /** '' = none. */
  readonly date: string
  /** Milliseconds. */
  readonly start: number | undefined
}

export function readChosen(form: FormData, shopZone: string): Chosen {
  const typed = (field: string) => textField(form, field)
  const zone = typed('zone')
  const month = typed('go') || typed('month')
  const date = typed('pick') || typed('date')
  const start = typed('start')
  return {
    zone: isZone(zone) ? zone : shopZone,
    month: isMonth(month) ? month : undefined,
    date: isDate(date) ? date : '',
    start: /^\d{1,16}$/.test(start) ? Number(start) : undefined,
  }
}

/** Why a time that was asked for is not to be had, for whoever wanted it. */
export function refusalWords(why: readonly WhyNot[]): string {
  const rules = new Set(why.map(({ rule }) => rule))
  if (rules.has('notice')) return 'That time is too soon to be booked. Please choose a later one.'
  if (rules.has('window')) return 'That time is too far ahead. Please choose an earlier one.'
  if (rules.has('busy') || rules.has('buffer'))
    return 'Somebody was faster: that time has just been taken. Please choose another one.'
  if (rules.has('most_a_day') || rules.has('most_a_week'))
    return 'That day or week is full. Please choose another time.'
  return 'That time cannot be booked. Please choose another one.'
}
