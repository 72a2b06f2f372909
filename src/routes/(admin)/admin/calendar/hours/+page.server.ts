import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import {
  byWeekday,
  readSpans,
  spanWords,
  timeText,
  type TypedSpan,
} from '#modules/booking/hours-form.ts'
import { isDate } from '#modules/booking/month.ts'
import { dateOf, dayAt, dayNumber } from '#modules/booking/open-time.ts'
import { overrideRuns } from '#modules/booking/override-runs.ts'
import {
  overrideDates,
  overridesBetween,
  restoreDates,
  setWeeklyHours,
  shownWeekly,
  weeklyHours,
} from '#modules/booking/server/index.ts'
import type { Span, WeeklySpan } from '#modules/booking/types.ts'
import { oneLine } from '#modules/platform/plain-text.ts'
import {
  db,
  inTransaction,
  now,
  postedForm,
  seenMark,
  textField,
} from '#modules/platform/server/index.ts'
import { zoneNamed } from '#modules/platform/zones.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

/** So many days ahead dates with hours of their own are listed. */
const listedDays = 730
const mostLines = 12
const weekdays = [1, 2, 3, 4, 5, 6, 7] as const

const typedSpan = ({ fromMinute, toMinute }: Span): TypedSpan => ({
  from: timeText(fromMinute),
  to: timeText(toMinute),
})

const notices: Readonly<Record<string, string>> = {
  saved: 'Saved. These are your hours from now on.',
  merged: 'Saved. Hours that overlapped or touched are one now.',
  dates: 'Saved. These dates have hours of their own.',
  restored: 'These dates have the hours of their weekday again.',
}

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const [weekly, { timeZone, locale }, clock] = await Promise.all([
    weeklyHours(db()),
    siteIdentity(db()),
    now(db()),
  ])
  const today = dateOf(dayAt(zoneNamed(timeZone), clock.getTime()))
  const overrides = await overridesBetween(db(), today, dateOf(dayNumber(today) + listedDays))
  const said = event.url.searchParams.get('notice') ?? ''
  return {
    days: byWeekday(weekly).map((spans) => spans.map(typedSpan)),
    isEmpty: weekly.length === 0,
    seen: seenMark(shownWeekly(weekly)),
    runs: overrideRuns(overrides).map(({ from, to, label, spans }) => ({
      from,
      to,
      label,
      words: spans.length === 0 ? 'Closed' : spans.map(spanWords).join(', '),
    })),
    today,
    zone: timeZone,
    locale,
    notice: Object.hasOwn(notices, said) ? notices[said] : undefined,
  }
}

/** The lines of one day, or of the form about dates, as they were typed. */
function linesOf(form: FormData, suffix: string): TypedSpan[] {
  const all = (name: string) =>
    form
      .getAll(name)
      .slice(0, mostLines + 1)
      .map((value) => (typeof value === 'string' ? value.slice(0, 20) : ''))
  const [from, to] = [all(`from${suffix}`), all(`to${suffix}`)]
  return from.map((text, at) => ({ from: text, to: to[at] ?? '' }))
}

export const actions: Actions = {
  async weekly(event) {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const days = weekdays.map((weekday) => linesOf(form, String(weekday)))
    const seen = textField(form, 'seen')
    // Shown with Monday's hours on the other weekdays, to be looked at before it is saved.
    if (textField(form, 'copy') === 'monday') {
      const copied = days.map((lines, at) => (at >= 1 && at <= 4 ? (days[0] ?? []) : lines))
      return { days: copied, seen, errors: {} as Record<string, string> }
    }
    const errors: Record<string, string> = {}
    const weekly: WeeklySpan[] = []
    let isMerged = false
    for (const [at, lines] of days.entries()) {
      const read = readSpans(lines)
      if (!read.ok) errors[`from${at + 1}`] = read.problem
      else {
        isMerged ||= read.isMerged
        weekly.push(...read.spans.map((span) => ({ weekday: at + 1, ...span })))
      }
    }
    if (Object.keys(errors).length > 0) return fail(400, { days, seen, errors })
    const set = await inTransaction((tx) => setWeeklyHours(tx, owner, weekly, seen || undefined))
    if (!set.ok)
      return fail(409, {
        days,
        // Seen now: saved once more, what stands in the fields is kept.
        seen: seenMark(shownWeekly(await weeklyHours(db()))),
        errors: {
          '': 'Somebody saved other hours meanwhile, in another tab or on another device. Nothing of yours was saved yet; save once more to keep yours.',
        },
      })
    redirect(303, `/admin/calendar/hours?notice=${isMerged ? 'merged' : 'saved'}`)
  },

  /** The first hours of a shop that has none. */
  async usual(event) {
    const owner = ownerOnly(event)
    const usual = [1, 2, 3, 4, 5].map((weekday) => ({
      weekday,
      fromMinute: 9 * 60,
      toMinute: 17 * 60,
    }))
    await inTransaction((tx) => setWeeklyHours(tx, owner, usual, seenMark(shownWeekly([]))))
    redirect(303, '/admin/calendar/hours?notice=saved')
  },

  async dates(event) {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const typed = {
      from: textField(form, 'first').slice(0, 20),
      to: textField(form, 'last').slice(0, 20),
      label: textField(form, 'label').slice(0, 200),
      isOpen: textField(form, 'open') === 'yes',
      lines: linesOf(form, ''),
    }
    const refuse = (errors: Readonly<Record<string, string>>) =>
      fail(400, { dates: typed, dateErrors: errors })
    const to = typed.to || typed.from
    const errors: Record<string, string> = {}
    if (!isDate(typed.from)) errors.first = 'Choose the first date, such as 2026-12-24.'
    if (!isDate(to)) errors.last = 'Choose the last date, or leave it empty for one day.'
    const read = readSpans(typed.isOpen ? typed.lines : [])
    if (!read.ok) errors.from = read.problem
    else if (typed.isOpen && read.spans.length === 0) errors.from = 'From when to when?'
    const label = oneLine(typed.label)
    if (label.length > 100) errors.label = 'Please shorten this to 100 characters.'
    if (Object.keys(errors).length > 0 || !read.ok) return refuse(errors)
    const done = await inTransaction((tx) =>
      overrideDates(tx, owner, {
        from: typed.from,
        to,
        label: label || undefined,
        spans: read.spans,
      }),
    )
    if (done.ok) redirect(303, '/admin/calendar/hours?notice=dates#dates')
    switch (done.reason) {
      case 'no_dates':
        return refuse({ last: 'The last date lies before the first one.' })
      case 'too_many_dates':
        return refuse({ last: 'A year at a time is the most.' })
      case 'too_many_overrides':
        return refuse({ '': 'There are so many dates with hours of their own that no more fit.' })
      case 'too_many_spans':
        return refuse({ from: 'So many pieces of one day are not possible.' })
    }
  },

  async restore(event) {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const [from, to] = [textField(form, 'first'), textField(form, 'last')]
    if (!isDate(from) || !isDate(to))
      return fail(400, { dateErrors: { '': 'Choose the dates in the list.' } })
    await inTransaction((tx) => restoreDates(tx, owner, from, to))
    redirect(303, '/admin/calendar/hours?notice=restored#dates')
  },
}
