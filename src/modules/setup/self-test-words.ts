import { formatMoment, type DateWords } from '#modules/platform/dates.ts'

/** One line of the self-test: what is so, and what to do about it. */
export interface TestLine {
  readonly name: string
  readonly tone: 'good' | 'warn' | 'bad' | 'quiet'
  readonly title: string
  readonly words: string
  /** '' where nothing has to be done. */
  readonly remedy: string
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

interface Told {
  readonly now: Date
  readonly words: DateWords
}

export interface WebhookFacts {
  readonly mode: 'rehearsal' | 'test' | 'live'
  readonly isPollingOnly: boolean
  readonly lastWebhookAt: Date | undefined
  readonly lastMissedAt: Date | undefined
  readonly missed: number
  readonly lastRefusedAt: Date | undefined
  readonly polledAt: Date | undefined
  readonly lastError: string | undefined
}

/** Whether Stripe's events come in. */
export function webhookLine(facts: WebhookFacts, { now, words }: Told): TestLine {
  const name = 'webhook'
  const ago = (at: Date | undefined) => (at ? now.getTime() - at.getTime() : Infinity)
  const when = (at: Date | undefined) => (at ? formatMoment(at, words) : '')
  if (facts.lastError)
    return {
      name,
      tone: 'bad',
      title: 'Stripe could not be asked',
      words: facts.lastError,
      remedy:
        'Check the secret key under Settings, Stripe, and whether this machine reaches the internet.',
    }
  if (ago(facts.lastRefusedAt) < day && ago(facts.lastRefusedAt) <= ago(facts.lastWebhookAt))
    return {
      name,
      tone: 'bad',
      title: 'The webhook secret does not fit',
      words: `A delivery with a wrong signature was refused on ${when(facts.lastRefusedAt)}.`,
      remedy:
        'Register the webhook anew under Settings, Stripe: its new secret is stored by itself.',
    }
  if (ago(facts.lastMissedAt) < day)
    return {
      name,
      tone: 'bad',
      title: 'The webhook is not arriving',
      words: `${facts.missed === 1 ? '1 event was' : `${facts.missed} events were`} found only by asking, the last on ${when(facts.lastMissedAt)}. Nothing was lost; goods came later.`,
      remedy:
        'See at Stripe where the webhook is registered, or register it anew under Settings, Stripe.',
    }
  if (facts.isPollingOnly)
    return {
      name,
      tone: 'warn',
      title: 'No webhook: the shop asks Stripe by itself',
      words: `Every 20 seconds${facts.polledAt ? `, last on ${when(facts.polledAt)}` : ''}. Nothing is lost; goods come a little later.`,
      remedy:
        'Let Stripe deliver under Settings, Stripe, once the shop has a public address with https.',
    }
  return facts.lastWebhookAt
    ? {
        name,
        tone: 'good',
        title: 'Stripe’s events arrive',
        words: `The last came on ${when(facts.lastWebhookAt)}, and its signature was right.`,
        remedy: '',
      }
    : {
        name,
        tone: 'quiet',
        title: 'No event has come yet',
        words: 'The first sale brings the first one.',
        remedy: facts.mode === 'rehearsal' ? '' : 'Buy one thing yourself to see it arrive.',
      }
}

export interface AddressFacts {
  readonly origin: string
  /** As the browser, or the proxy in front, sent them. */
  readonly host: string | undefined
  readonly forwardedHost: string | undefined
  readonly forwardedProto: string | undefined
  /** How many addresses stand in X-Forwarded-For. */
  readonly hops: number
  readonly trustedProxies: number
}

/** Whether the public address is the one people use, and what stands in front is known. */
export function addressLine(facts: AddressFacts): TestLine {
  const name = 'address'
  const { host, protocol, hostname } = new URL(facts.origin)
  const asked = facts.forwardedHost ?? facts.host
  if (asked !== undefined && asked.toLowerCase() !== host)
    return {
      name,
      tone: 'bad',
      title: 'This page was asked for at another address',
      words: `You came by ${asked}, and the shop says of itself that it is at ${facts.origin}: links in mails and the way back from Stripe go there.`,
      remedy: `Set ORIGIN to the address people use${facts.forwardedHost === undefined && facts.hops > 0 ? ', and let the proxy pass on the name that was asked for (Host)' : ''}.`,
    }
  if (facts.forwardedProto && `${facts.forwardedProto.split(',')[0]?.trim()}:` !== protocol)
    return {
      name,
      tone: 'bad',
      title: 'The proxy speaks another protocol than ORIGIN says',
      words: `It told "${facts.forwardedProto}", and ORIGIN begins with ${protocol}//.`,
      remedy: 'Set ORIGIN to what stands in the browser’s address bar.',
    }
  if (facts.hops !== facts.trustedProxies && facts.hops > 0)
    return {
      name,
      tone: 'warn',
      title: 'The proxies in front are not known',
      words: `This request came through ${facts.hops} of them, and TRUSTED_PROXIES is ${facts.trustedProxies}. Limits by network then count ${facts.hops > facts.trustedProxies ? 'everybody as one' : 'what anybody writes'}.`,
      remedy: `Set TRUSTED_PROXIES to ${facts.hops}, if all of them are yours.`,
    }
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (isHere)
    return {
      name,
      tone: 'quiet',
      title: 'Only this machine sees the shop',
      words: `It is at ${facts.origin}.`,
      remedy: 'For others: put it behind a proxy with https and set ORIGIN to the public address.',
    }
  if (protocol !== 'https:')
    return {
      name,
      tone: 'bad',
      title: 'The shop is not served with https',
      words: `It is at ${facts.origin}. Passwords and cookies could be read on the way.`,
      remedy: 'Put a proxy with a certificate in front and set ORIGIN to the address with https.',
    }
  return {
    name,
    tone: 'good',
    title: 'The public address is right',
    words: `${facts.origin}, as you asked for it.`,
    remedy: '',
  }
}

export interface MailFacts {
  readonly isRehearsal: boolean
  readonly hasServer: boolean
  readonly failed: number
  readonly waitingLong: number
  readonly lastError: string | undefined
  readonly lastSentAt: Date | undefined
}

/** Whether mail leaves. */
export function mailLine(facts: MailFacts, { words }: Told): TestLine {
  const name = 'mail'
  if (facts.isRehearsal)
    return {
      name,
      tone: facts.hasServer ? 'good' : 'quiet',
      title: 'Mail stays in the mailbox while you rehearse',
      words: 'Nobody gets a mail from a rehearsal.',
      remedy: facts.hasServer
        ? ''
        : 'Before you go live, enter a mail server under Settings, Mail.',
    }
  if (!facts.hasServer)
    return {
      name,
      tone: 'bad',
      title: 'No mail leaves the shop',
      words:
        'There is no mail server: receipts and sign-in codes stay here, where only you can read them.',
      remedy: 'Enter one under Settings, Mail, and send yourself a test.',
    }
  if (facts.failed + facts.waitingLong > 0)
    return {
      name,
      tone: facts.waitingLong > 0 ? 'bad' : 'warn',
      title:
        facts.waitingLong > 0
          ? `${counted(facts.waitingLong, 'mail waits', 'mails wait')} for more than 15 minutes`
          : `${counted(facts.failed, 'mail was', 'mails were')} refused`,
      words: facts.lastError
        ? `The last answer: ${facts.lastError}`
        : 'The mail server gave no reason.',
      remedy: 'See Mail, and send yourself a test under Settings, Mail.',
    }
  return {
    name,
    tone: 'good',
    title: 'Mail leaves',
    words: facts.lastSentAt
      ? `The last on ${formatMoment(facts.lastSentAt, words)}.`
      : 'A server is set; nothing had to be sent yet.',
    remedy: facts.lastSentAt ? '' : 'Send yourself a test under Settings, Mail.',
  }
}

/** Whether files can be kept and read. words: why not. */
export function storageLine(
  check: { readonly ok: true } | { readonly ok: false; readonly words: string },
  place: string,
): TestLine {
  return check.ok
    ? {
        name: 'storage',
        tone: 'good',
        title: 'Files can be stored',
        words: `A few bytes were written to ${place}, read back and removed.`,
        remedy: '',
      }
    : {
        name: 'storage',
        tone: 'bad',
        title: 'Files cannot be stored',
        words: check.words,
        remedy:
          'Buyers cannot download either. See STORAGE_URL and the rights of the folder or the bucket.',
      }
}

export interface ClockFacts {
  /** Of the database against Stripe, in seconds; undefined: Stripe was not reached. */
  readonly fromStripe: number | undefined
  /** Of this process against the database. */
  readonly fromDatabase: number
  readonly isMoved: boolean
}

const mostDriftSeconds = 30

/** Whether the clocks agree: signatures of webhooks and codes of authenticator apps depend on it. */
export function clockLine(facts: ClockFacts): TestLine {
  const name = 'clock'
  const off = [facts.fromStripe, facts.fromDatabase].filter(
    (seconds) => seconds !== undefined && Math.abs(seconds) > mostDriftSeconds,
  )
  if (off.length > 0)
    return {
      name,
      tone: 'bad',
      title: 'The clocks do not agree',
      words: [
        facts.fromStripe === undefined
          ? ''
          : `The database is ${seconds(facts.fromStripe)} Stripe.`,
        `This program is ${seconds(facts.fromDatabase)} the database.`,
      ]
        .filter(Boolean)
        .join(' '),
      remedy:
        'Let the machine set its clock by the network (NTP). From five minutes on, webhooks are refused.',
    }
  return {
    name,
    tone: facts.fromStripe === undefined ? 'quiet' : 'good',
    title: 'The clocks agree',
    words: `${facts.fromStripe === undefined ? 'Stripe was not reached to compare with; program' : 'Stripe, program'} and database are within ${mostDriftSeconds} seconds.${facts.isMoved ? ' The rehearsal’s own clock was moved by you.' : ''}`,
    remedy: '',
  }
}

function seconds(by: number): string {
  const whole = Math.abs(Math.round(by))
  return `${whole} ${whole === 1 ? 'second' : 'seconds'} ${by >= 0 ? 'ahead of' : 'behind'}`
}

export interface BackupFacts {
  readonly lastGoodAt: Date | undefined
  readonly place: string
  readonly bytes: number | undefined
  readonly lastError: string | undefined
}

/** How old the last good backup is; more than 26 hours is a backup that was missed. */
export function backupLine(facts: BackupFacts, { now, words }: Told): TestLine {
  const name = 'backup'
  const remedy = 'Run "npm run backup" on the machine, and keep its file somewhere else.'
  if (!facts.lastGoodAt)
    return {
      name,
      tone: 'bad',
      title: 'There is no backup',
      words: facts.lastError ?? 'A disk that fails would take the whole shop with it.',
      remedy,
    }
  const age = now.getTime() - facts.lastGoodAt.getTime()
  const size =
    facts.bytes === undefined ? '' : ` (${Math.max(1, Math.round(facts.bytes / 1_000_000))} MB)`
  const told = `The last good one is of ${formatMoment(facts.lastGoodAt, words)}${size}${facts.place ? `, at ${facts.place}` : ''}.`
  if (age > 26 * hour)
    return {
      name,
      tone: age > 7 * day ? 'bad' : 'warn',
      title: 'The backup is old',
      words: `${told}${facts.lastError ? ` The last try failed: ${facts.lastError}` : ''}`,
      remedy,
    }
  return { name, tone: 'good', title: 'There is a fresh backup', words: told, remedy: '' }
}

export interface DatabaseFacts {
  readonly kind: 'embedded' | 'server'
  readonly version: string
  /** Settings of PostgreSQL that are switched off though durability needs them. */
  readonly switchedOff: readonly string[]
}

/** What a power cut would cost. */
export function databaseLine(facts: DatabaseFacts): TestLine {
  const where =
    facts.kind === 'embedded'
      ? `PostgreSQL ${facts.version}, embedded: it lives in the data folder of this machine`
      : `PostgreSQL ${facts.version}, a server of its own`
  return facts.switchedOff.length === 0
    ? {
        name: 'database',
        tone: 'good',
        title: 'What is committed survives a power cut',
        words: `${where}. It answers only after the disk has confirmed.`,
        remedy: '',
      }
    : {
        name: 'database',
        tone: 'bad',
        title: 'A power cut could lose sales',
        words: `${where}. Switched off: ${facts.switchedOff.join(', ')}.`,
        remedy:
          'Switch them on in the settings of PostgreSQL. Sales would come back from Stripe, edits would not.',
      }
}

/** Room left where the data folder is. */
export function diskLine(disk: {
  readonly freeBytes: number
  readonly allBytes: number
}): TestLine {
  const gigabytes = disk.freeBytes / 1_000_000_000
  const tone =
    disk.freeBytes < 500_000_000 ? 'bad' : disk.freeBytes < 2_000_000_000 ? 'warn' : 'good'
  return {
    name: 'disk',
    tone,
    title: tone === 'good' ? 'There is room on the disk' : 'The disk is nearly full',
    words: `${gigabytes < 10 ? gigabytes.toFixed(1) : Math.round(gigabytes)} GB of ${Math.round(disk.allBytes / 1_000_000_000)} GB are free.`,
    remedy:
      tone === 'good'
        ? ''
        : 'Make room before it is full: then the shop can take no order until there is some again.',
  }
}

export interface WorkFacts {
  readonly parkedEvents: number
  readonly failedJobs: number
  readonly oldestPendingAt: Date | undefined
  readonly paidWithoutOrder: number
  readonly odd: number
}

/** Whether everything that came in was worked on. */
export function workLine(facts: WorkFacts, { now, words }: Told): TestLine {
  const name = 'work'
  const bad = [
    facts.paidWithoutOrder > 0 &&
      `${counted(facts.paidWithoutOrder, 'payment has', 'payments have')} no order`,
    facts.parkedEvents > 0 &&
      `${counted(facts.parkedEvents, 'event', 'events')} could not be worked on`,
    facts.odd > 0 &&
      `${counted(facts.odd, 'payment does', 'payments do')} not agree with what was asked`,
    facts.failedJobs > 0 && `${counted(facts.failedJobs, 'job', 'jobs')} gave up`,
  ].filter((one) => one !== false)
  if (bad.length > 0)
    return {
      name,
      tone: 'bad',
      title: 'Something was not worked on',
      words: `${bad.join('; ')}. Nothing is lost.`,
      remedy: 'See Payments: each can be read there and be worked on again.',
    }
  const waits =
    facts.oldestPendingAt && now.getTime() - facts.oldestPendingAt.getTime() > 5 * minute
  return waits && facts.oldestPendingAt
    ? {
        name,
        tone: 'warn',
        title: 'Events wait longer than usual',
        words: `The oldest since ${formatMoment(facts.oldestPendingAt, words)}. They are tried again by themselves.`,
        remedy: 'See Payments if it stays so.',
      }
    : {
        name,
        tone: 'good',
        title: 'Everything is worked on',
        words: 'Each payment has its order, no event and no job is left over.',
        remedy: '',
      }
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

/** Worst first, so that what needs somebody stands on top. */
export function inOrder<Line extends { readonly tone: TestLine['tone'] }>(
  lines: readonly Line[],
): readonly Line[] {
  const order = ['bad', 'warn', 'quiet', 'good']
  return lines.toSorted((one, other) => order.indexOf(one.tone) - order.indexOf(other.tone))
}
