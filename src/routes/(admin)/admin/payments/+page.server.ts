import { error, fail, redirect } from '@sveltejs/kit'
import { z } from 'zod'
import type { Actions, PageServerLoad } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import {
  eventsPage,
  oddPayments,
  paymentsHealth,
  replay,
  wakeWorker,
  type EventState,
} from '#modules/payments/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import {
  db,
  inTransaction,
  now,
  postedForm,
  runtime,
  textField,
} from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { advanceRehearsalClock, rehearsalSteps } from '#boot/server/rehearsal.ts'
import { healthFindings, healthHeadline } from './health-words.ts'

/** What the filter words stand for. Without one, the events that this shop does something with. */
const filters = {
  waiting: ['pending'],
  attention: ['parked', 'quarantined'],
  all: [],
} as const satisfies Readonly<Record<string, readonly EventState[]>>
const ours: readonly EventState[] = ['pending', 'done', 'parked', 'quarantined']

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const query = event.url.searchParams
  const filter = (Object.keys(filters) as (keyof typeof filters)[]).find(
    (name) => name === query.get('state'),
  )
  const [health, instant, site, page, odd] = await Promise.all([
    paymentsHealth(db()),
    now(db()),
    siteIdentity(db()),
    eventsPage(db(), filter ? filters[filter] : ours, turnOf(query)),
    oddPayments(db(), 20),
  ])
  const { settings, sandbox } = runtime()
  const findings = healthFindings(health, {
    now: instant,
    webhookUrl: `${settings.origin}/webhooks/stripe`,
    words: { zone: site.timeZone, locale: site.locale },
  })
  return {
    mode: health.mode,
    openCheckouts: health.counts.openCheckouts,
    headline: healthHeadline(findings),
    findings,
    odd,
    filter,
    events: page.rows,
    ...turnLinks(event.url, page),
    rehearsal: sandbox && { now: instant, steps: Object.keys(rehearsalSteps) },
    notice: query.get('notice'),
  }
}

/** evt_..., or our own name for an event that came without one: printable signs only. */
const replayForm = z.object({ event: z.string().regex(/^[\x21-\x7e]{1,255}$/) })

export const actions: Actions = {
  async again(event) {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const read = replayForm.safeParse({ event: form.get('event') })
    if (!read.success) return fail(400, { words: 'This form names no event.' })
    const put = await inTransaction((tx) => replay(tx, owner, read.data.event), 'money')
    if (!put) return fail(409, { words: 'This event is being worked on already, or is not there.' })
    wakeWorker()
    redirect(303, '/admin/payments?notice=again')
  },

  async advance(event) {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const step = textField(form, 'step')
    if (!Object.hasOwn(rehearsalSteps, step)) return fail(400, { words: 'How far is not clear.' })
    const moved = await advanceRehearsalClock(owner, step as keyof typeof rehearsalSteps) // own, so it is one of them
    if (!moved.ok) {
      if (moved.reason === 'no_rehearsal') error(404, 'There is no page here.')
      return fail(503, { words: 'The Stripe sandbox does not answer. Try again in a moment.' })
    }
    redirect(303, '/admin/payments?notice=moved')
  },
}
