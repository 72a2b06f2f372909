import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly, provenForm, requireFreshProof } from '#modules/accounts/server/index.ts'
import { checkKey } from '#modules/payments/server/index.ts'
import { db, inTransaction, log, textField } from '#modules/platform/server/index.ts'
import {
  BusyError,
  goBack,
  goLive,
  keyToCheck,
  LiveMoneyError,
  noteKeyCheck,
  previewGoingBack,
  previewGoingLive,
  setupState,
} from '#modules/setup/server/index.ts'
import { takeUpSettings } from '#boot/server/settings-in-force.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const isDone = event.url.searchParams.has('done')
  if (!isDone) await requireFreshProof(event, 'payout')
  const [preview, back, state] = await Promise.all([
    previewGoingLive(db()),
    previewGoingBack(db()),
    setupState(db()),
  ])
  return {
    preview,
    /** What going back to the rehearsal would sweep away; undefined where there is no way back. */
    back,
    wentLiveAt: state.wentLiveAt,
    isDone,
    isBack: event.url.searchParams.has('back'),
  }
}

const refusals = {
  no_key: 'Enter the secret key first.',
  other_key:
    'Another key was entered meanwhile. Read again what going live does, then press again.',
  live_money: 'This shop has taken real money: nothing of it is ever swept away.',
  busy: 'The shop is busy right now, and nothing was changed. Press again in a moment.',
} as const

export const actions: Actions = {
  live: async (event) => {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'payout')
    if (form.get('understood') !== 'yes')
      return fail(400, { words: 'Tick that you have read what is swept away.' })
    const known = await keyToCheck(db())
    if (!known) return fail(409, { words: refusals.no_key })
    const check = await checkKey(known)
    await inTransaction((tx) => noteKeyCheck(tx, check.ok && check.missing.length === 0))
    if (!check.ok)
      return fail(check.reason === 'unreachable' ? 503 : 409, {
        words: `Nothing was changed. ${check.reason === 'refused' ? 'Stripe refuses the key' : 'Stripe was not reached'}: ${check.words}`,
      })
    if (check.missing.length > 0)
      return fail(409, {
        words: `Nothing was changed. This restricted key lacks: ${check.missing.join('; ')}.`,
      })
    const expected = { mode: textField(form, 'mode'), ends: textField(form, 'ends') }
    const result = await attempt(() => inTransaction((tx) => goLive(tx, owner, expected), 'money'))
    if (!result.ok) return fail(409, { words: refusals[result.reason] })
    await takeUp()
    redirect(303, '/admin/settings/live?done')
  },

  back: async (event) => {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'payout')
    if (form.get('understoodBack') !== 'yes')
      return fail(400, { backWords: 'Tick that you have read what is swept away.' })
    const result = await attempt(() => inTransaction((tx) => goBack(tx, owner), 'money'))
    if (!result.ok) return fail(409, { backWords: backRefusals[result.reason] })
    await takeUp()
    redirect(303, '/admin/settings/live?back')
  },
}

const backRefusals = {
  fixed:
    'The key stands in the environment (STRIPE_SECRET_KEY): take it out there, then start the program again.',
  not_test: 'The shop is not in Stripe’s test mode.',
  live_money: refusals.live_money,
  busy: refusals.busy,
} as const

async function takeUp(): Promise<void> {
  try {
    await takeUpSettings()
  } catch (error) {
    // It is committed, and every process hears of it by itself.
    log.error({ error: String(error) }, 'settings not taken up after the mode has changed')
  }
}

async function attempt<Result>(
  work: () => Promise<Result>,
): Promise<Result | { readonly ok: false; readonly reason: 'busy' | 'live_money' }> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof BusyError) return { ok: false, reason: 'busy' }
    if (error instanceof LiveMoneyError) return { ok: false, reason: 'live_money' }
    throw error
  }
}
