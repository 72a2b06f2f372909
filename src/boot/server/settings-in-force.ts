import { closeTransport } from '#modules/notifications/server/index.ts'
import { forgetBackend, wakeWorker } from '#modules/payments/server/index.ts'
import {
  db,
  doubtPublicVersion,
  inTransaction,
  log,
  provideRuntime,
  runtime,
} from '#modules/platform/server/index.ts'
import {
  dropRehearsalLeftovers,
  givenSettings,
  settingsInForce,
  showModeAnew,
  UnreadableKeysError,
} from '#modules/setup/server/index.ts'
import { SettingsError, withEntered } from '#server/settings.ts'
import { StartRefusedError } from './file-store.ts'
import { sandboxEndpoint } from './rehearsal.ts'

/** Changes of one process come one after the other, and the last one sees the newest state. */
let turn: Promise<void> = Promise.resolve()

/**
 * Brings into force what was entered in the pages, in this process: at the start, at each notification, and after the
 * connection that hears them was lost. Requests under way end with what they began with. Throws when what was entered cannot
 * be used (SettingsError, UnreadableKeysError); what was in force then stays.
 */
export function takeUpSettings(): Promise<void> {
  const mine = turn.then(takeUp)
  turn = mine.catch(() => undefined)
  return mine
}

/** The mode has changed and not all that follows from it is done: whoever tries again does the rest. */
let isHalfDone = false

async function takeUp(): Promise<void> {
  const before = runtime()
  const settings = withEntered(givenSettings(), await settingsInForce(db('money')))
  const wasRehearsal = before.settings.stripe.mode === 'rehearsal'
  const isRehearsal = settings.stripe.mode === 'rehearsal'
  const sandbox = isRehearsal
    ? (before.sandbox ?? (await before.sandboxProcess?.start()))
    : undefined
  const isSame =
    JSON.stringify(settings) === JSON.stringify(before.settings) && sandbox === before.sandbox
  if (isSame && !isHalfDone) return
  provideRuntime({ ...before, settings, sandbox })
  forgetBackend()
  if (settings.smtpUrl !== before.settings.smtpUrl) closeTransport()
  if (isHalfDone || wasRehearsal !== isRehearsal) {
    isHalfDone = true
    // A page that was being made while this changed speaks of the former mode and must not be kept.
    await inTransaction(showModeAnew, 'money')
    doubtPublicVersion()
    if (isRehearsal) await sandboxEndpoint()
    else await endSandbox()
    isHalfDone = false
  }
  log.info({ mode: settings.stripe.mode }, 'settings that were entered in the pages are in force')
  wakeWorker()
}

/** The same at the start of the program, in words for the person who starts it. */
export async function takeUpSettingsAtStart(): Promise<void> {
  try {
    await takeUpSettings()
  } catch (error) {
    if (error instanceof UnreadableKeysError || error instanceof SettingsError)
      throw new StartRefusedError(error.message)
    throw error
  }
  // A process that was killed after going live has not dropped what its sandbox kept.
  if (runtime().settings.stripe.mode !== 'rehearsal') await endSandbox()
}

/** With real keys there is no sandbox, and nothing that it kept. */
export async function endSandbox(): Promise<void> {
  await runtime().sandboxProcess?.stop()
  try {
    await inTransaction(dropRehearsalLeftovers, 'money')
  } catch (error) {
    // The sandbox of another process may still hold it; that process drops it, or the next start does.
    log.warn({ error: String(error) }, 'what the sandbox kept is not dropped yet')
  }
}

const firstPauseMs = 500
const longestPauseMs = 30_000
let again: NodeJS.Timeout | undefined

/**
 * The same for a notification, which nobody waits for: tried until it is done. A process left in the former mode could sell
 * nothing, for that backend is closed.
 */
export function hearOfSettings(): void {
  void hear(firstPauseMs)
}

async function hear(pauseMs: number): Promise<void> {
  clearTimeout(again)
  try {
    await takeUpSettings()
  } catch (error) {
    log.error({ error: String(error) }, 'settings that were entered cannot be used')
    // Those are mended by entering others, and that is heard of.
    if (error instanceof UnreadableKeysError || error instanceof SettingsError) return
    clearTimeout(again)
    again = setTimeout(() => void hear(Math.min(2 * pauseMs, longestPauseMs)), pauseMs)
    again.unref()
  }
}

/** At the end of the program: nothing is tried any more. */
export function stopHearing(): void {
  clearTimeout(again)
}
