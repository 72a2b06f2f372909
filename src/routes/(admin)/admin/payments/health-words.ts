import type { PaymentsHealth } from '#modules/payments/server/index.ts'
import { formatMoment, type DateWords } from '#modules/platform/dates.ts'

export interface Finding {
  readonly tone: 'good' | 'warn' | 'bad' | 'quiet'
  readonly title: string
  readonly words: string
}

const minute = 60_000
const day = 24 * 60 * minute
/** Events are worked on within seconds; one that waits this long is being tried again and again. */
const longWaitMs = 5 * minute

/**
 * What the connection to Stripe is like, in words, what needs somebody first. now: by the one clock. webhookUrl: where Stripe
 * is to deliver. Pure.
 */
export function healthFindings(
  health: PaymentsHealth,
  at: { readonly now: Date; readonly webhookUrl: string; readonly words: DateWords },
): readonly Finding[] {
  const findings = [
    ...needsAttention(health),
    waiting(health, at.now, at.words),
    ...connection(health, at),
    ...refusals(health, at.now, at.words),
  ]
  const order = ['bad', 'warn', 'good', 'quiet']
  return findings.toSorted((one, other) => order.indexOf(one.tone) - order.indexOf(other.tone))
}

/** The one sentence above all the others. */
export function healthHeadline(findings: readonly Finding[]): Finding {
  const bad = findings.filter((one) => one.tone === 'bad').length
  const warn = findings.filter((one) => one.tone === 'warn').length
  if (bad + warn === 0)
    return { tone: 'good', title: 'Everything is in order', words: 'Nothing waits for you here.' }
  return bad > 0
    ? { tone: 'bad', title: 'Something needs you', words: 'See what stands first below.' }
    : {
        tone: 'warn',
        title: 'Nearly everything is in order',
        words: 'See what stands first below.',
      }
}

function needsAttention({ counts }: PaymentsHealth): Finding[] {
  const found: Finding[] = []
  if (counts.parked > 0)
    found.push({
      tone: 'bad',
      title: `${counted(counts.parked, 'event')} could not be worked on`,
      words:
        'All tries failed. Nothing is lost: read the reason in the list below and let it be worked on again.',
    })
  if (counts.quarantined > 0)
    found.push({
      tone: 'bad',
      title: `${counted(counts.quarantined, 'event')} put aside`,
      words:
        'They came from the other mode of Stripe (live and test must not meet). Check where this webhook is registered.',
    })
  if (counts.unansweredRefunds > 0)
    found.push({
      tone: 'warn',
      title: `${counted(counts.unansweredRefunds, 'refund')} not answered yet`,
      words:
        'Stripe has not answered. They are sent again by themselves until it does, never twice.',
    })
  return found
}

function waiting({ counts }: PaymentsHealth, now: Date, words: DateWords): Finding {
  if (counts.pending === 0)
    return { tone: 'good', title: 'No event waits', words: 'All that Stripe told is worked on.' }
  const since = counts.oldestPendingAt
  const isLong = since !== undefined && now.getTime() - since.getTime() > longWaitMs
  return {
    tone: isLong ? 'warn' : 'quiet',
    title: counts.pending === 1 ? '1 event waits' : `${counts.pending} events wait`,
    words: since
      ? `The oldest since ${formatMoment(since, words)}. It is tried again by itself.`
      : 'They are worked on right now.',
  }
}

function connection(
  health: PaymentsHealth,
  at: { readonly now: Date; readonly webhookUrl: string; readonly words: DateWords },
): Finding[] {
  const { cursor } = health
  const when = (instant: Date) => formatMoment(instant, at.words)
  const found: Finding[] = []
  if (cursor.lastError)
    found.push({
      tone: 'bad',
      title: 'Stripe could not be asked',
      words: `${cursor.lastErrorAt ? `Last tried on ${when(cursor.lastErrorAt)}. ` : ''}${cursor.lastError} The shop asks again by itself.`,
    })
  const missedLately =
    cursor.lastMissedAt !== undefined && at.now.getTime() - cursor.lastMissedAt.getTime() < day
  if (missedLately && cursor.lastMissedAt)
    found.push({
      tone: 'bad',
      title: 'Your webhook is not arriving',
      words: `${counted(cursor.webhookMissed, 'event')} came to light only because the shop asked, the last on ${when(cursor.lastMissedAt)}. Nothing was lost, but goods come later. Let Stripe deliver to ${at.webhookUrl}.`,
    })
  if (health.isPollingOnly)
    found.push({
      tone: 'warn',
      title: 'No webhook is set up',
      words: `The shop asks Stripe every 20 seconds instead. Faster: let Stripe deliver to ${at.webhookUrl} and set STRIPE_WEBHOOK_SECRET.`,
    })
  else if (!cursor.lastWebhookAt)
    found.push({
      tone: 'quiet',
      title: 'No webhook has come yet',
      words: `The first sale brings the first one. Stripe delivers to ${at.webhookUrl}.`,
    })
  else if (!missedLately)
    found.push({
      tone: 'good',
      title: 'The webhook arrives',
      words: `The last event came on ${when(cursor.lastWebhookAt)}.${cursor.webhookMissed > 0 ? ` ${counted(cursor.webhookMissed, 'event')} were found by asking in the past.` : ''}`,
    })
  if (cursor.polledAt && !cursor.lastError)
    found.push({
      tone: 'good',
      title: 'Stripe is asked as well',
      words: `Last on ${when(cursor.polledAt)}, so that nothing is missed even if a webhook fails.`,
    })
  return found
}

function refusals({ cursor }: PaymentsHealth, now: Date, words: DateWords): Finding[] {
  if (cursor.refusedSignatures === 0 || !cursor.lastRefusedAt) return []
  const isLate = now.getTime() - cursor.lastRefusedAt.getTime() < day
  const { refusedSignatures: count } = cursor
  return [
    {
      tone: isLate ? 'warn' : 'quiet',
      title:
        count === 1
          ? '1 delivery had a wrong signature'
          : `${count} deliveries had a wrong signature`,
      words: `The last on ${formatMoment(cursor.lastRefusedAt, words)}. They were refused and nothing of them was kept. If they came from Stripe, the webhook secret is not the right one.`,
    },
  ]
}

function counted(count: number, one: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${one}s`
}
