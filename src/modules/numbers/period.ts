import type { Period } from './types.ts'

const dayMs = 86_400_000
export const presets = { '7': 7, '28': 28, '90': 90, year: 365 } as const
export type Preset = keyof typeof presets
export const longestDays = 366

/** The day before or after, by the calendar: days as texts have no hours that clocks could change. */
export function dayPlus(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10)
}

/** How many days, both ends counted. */
export function daysOf({ from, to }: Period): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs) + 1
}

/** As long, and just before. */
export function periodBefore(period: Period): Period {
  const days = daysOf(period)
  return { from: dayPlus(period.from, -days), to: dayPlus(period.from, -1) }
}

export interface AskedPeriod {
  readonly period: Period
  readonly preset: Preset | 'custom'
  /** What is wrong with the days that were typed; the period is then the usual one. */
  readonly problem: string | undefined
}

/** What an address asks for. today: the owner's. */
export function readPeriod(query: URLSearchParams, today: string): AskedPeriod {
  const named = query.get('period') ?? '28'
  const lasting = (preset: Preset) => ({ from: dayPlus(today, 1 - presets[preset]), to: today })
  if (Object.hasOwn(presets, named)) {
    const preset = named as Preset // own, so it is one of them
    return { period: lasting(preset), preset, problem: undefined }
  }
  const usual = { period: lasting('28'), preset: '28' as const }
  if (named !== 'custom') return { ...usual, problem: undefined }
  const [from, typedTo] = [query.get('from') ?? '', query.get('to') ?? '']
  if (!isDay(from) || !isDay(typedTo))
    return { ...usual, problem: 'Choose the first and the last day.' }
  if (from > typedTo) return { ...usual, problem: 'The first day is after the last one.' }
  if (from > today) return { ...usual, problem: 'These days are still to come.' }
  const period = { from, to: typedTo > today ? today : typedTo }
  if (daysOf(period) > longestDays)
    return { ...usual, problem: `Choose at most ${longestDays} days.` }
  return { period, preset: 'custom', problem: undefined }
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < '2000-01-01' || text > '9000-01-01') return false
  const parsed = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(text)
}

/** A part of a period: whole = a third of a month (from the 1st, 11th, 21st) that is over for good. */
export interface Part extends Period {
  readonly isOver: boolean
}

/** Cuts a period at the 1st, 11th and 21st of each month. What ended before yesterday is over. */
export function partsOf(period: Period, today: string): Part[] {
  const parts: Part[] = []
  for (let from = period.from; from <= period.to;) {
    const start = thirdOf(from)
    const end = endOfThird(from)
    const to = end < period.to ? end : period.to
    parts.push({ from, to, isOver: from === start && to === end && to < dayPlus(today, -1) })
    from = dayPlus(to, 1)
  }
  return parts
}

function thirdOf(day: string): string {
  const date = Number(day.slice(8))
  return `${day.slice(0, 8)}${date <= 10 ? '01' : date <= 20 ? '11' : '21'}`
}

function endOfThird(day: string): string {
  const date = Number(day.slice(8))
  if (date <= 20) return `${day.slice(0, 8)}${date <= 10 ? '10' : '20'}`
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(5, 7))]
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10)
}
