import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly, provenForm } from '#modules/accounts/server/index.ts'
import { checkKey, registerWebhook, type KeyCheck } from '#modules/payments/server/index.ts'
import { db, inTransaction, runtime, textField } from '#modules/platform/server/index.ts'
import { keyRefusals } from '#modules/setup/entering-rules.ts'
import {
  dropWaitingKey,
  dropWebhookSecret,
  enterKey,
  enterWebhookSecret,
  keysOverview,
  keyToCheck,
  noteKeyCheck,
} from '#modules/setup/server/index.ts'
import { takeUpSettings } from '#boot/server/settings-in-force.ts'
import type { Actions, PageServerLoad } from './$types'

const here = '/admin/settings/stripe'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const { settings } = runtime()
  return {
    keys: await keysOverview(db()),
    webhookUrl: webhookUrl(),
    unreachable: unreachableWords(),
    otherBase: settings.stripeApiBase,
    notice: event.url.searchParams.get('notice'),
  }
}

const webhookUrl = () => `${runtime().settings.origin}/webhooks/stripe`

/** Why Stripe could not deliver to this shop; undefined when it can, as far as the address tells. */
function unreachableWords(): string | undefined {
  const { origin, stripeApiBase } = runtime().settings
  const { hostname, protocol } = new URL(origin)
  // A backend of one's own may well be on the same machine.
  if (stripeApiBase !== undefined) return undefined
  if (['localhost', '127.0.0.1', '[::1]'].includes(hostname))
    return `${origin} can be reached from this machine alone, so Stripe cannot deliver there. Set ORIGIN to the public address; until then the shop asks Stripe by itself.`
  if (protocol !== 'https:')
    return `Stripe delivers to addresses with https alone, and this shop is at ${origin}. Until that has changed, the shop asks Stripe by itself.`
  return undefined
}

export const actions: Actions = {
  async key(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'payout')
    const entered = await inTransaction((tx) => enterKey(tx, owner, textField(form, 'key')))
    if (!entered.ok)
      return fail(400, {
        errors: {
          key:
            entered.reason === 'fixed'
              ? 'STRIPE_SECRET_KEY stands in the environment; change it there.'
              : keyRefusals[entered.reason],
        },
      })
    await takeUpSettings()
    const check = await checked()
    redirect(303, `${here}?notice=${check?.ok ? 'key-good' : 'key-stored'}`)
  },

  async check(event) {
    ownerOnly(event)
    const check = await checked()
    if (!check) return fail(409, { errors: { key: 'Enter the secret key first.' } })
    return { check }
  },

  async forget(event) {
    const owner = ownerOnly(event)
    await provenForm(event, 'payout')
    await inTransaction((tx) => dropWaitingKey(tx, owner))
    await takeUpSettings()
    redirect(303, `${here}?notice=forgotten`)
  },

  async webhook(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'payout')
    const entered = await inTransaction((tx) =>
      enterWebhookSecret(tx, owner, textField(form, 'secret')),
    )
    if (!entered.ok) return fail(400, { errors: { secret: entered.words } })
    await takeUpSettings()
    redirect(303, `${here}?notice=webhook`)
  },

  async register(event) {
    const owner = ownerOnly(event)
    await provenForm(event, 'payout')
    const known = await keyToCheck(db())
    if (!known) return fail(409, { errors: { key: 'Enter the secret key first.' } })
    const cannot = unreachableWords()
    if (cannot) return fail(409, { errors: { secret: cannot } })
    const made = await registerWebhook(known, webhookUrl())
    if (!made.ok)
      return fail(made.reason === 'unreachable' ? 503 : 409, {
        errors: { secret: `Stripe did not make the endpoint: ${made.words}` },
      })
    const entered = await inTransaction((tx) => enterWebhookSecret(tx, owner, made.secret))
    if (!entered.ok) return fail(409, { errors: { secret: entered.words } })
    await takeUpSettings()
    redirect(303, `${here}?notice=registered`)
  },

  async polling(event) {
    const owner = ownerOnly(event)
    await provenForm(event, 'payout')
    await inTransaction((tx) => dropWebhookSecret(tx, owner))
    await takeUpSettings()
    redirect(303, `${here}?notice=polling`)
  },
}

async function checked(): Promise<KeyCheck | undefined> {
  const known = await keyToCheck(db())
  if (!known) return undefined
  const check = await checkKey(known)
  await inTransaction((tx) => noteKeyCheck(tx, check.ok && check.missing.length === 0))
  return check
}
