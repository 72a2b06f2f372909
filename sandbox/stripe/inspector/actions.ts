import type { Commands } from '../control/commands.ts'
import type { FormTree, FormValue } from '../http/form.ts'
import { ApiError, invalidRequest } from '../api-error.ts'
import { CALM } from '../chaos/chaos.ts'
import { fields } from '../control/fields.ts'
import { parseMoney } from '../engine/currencies.ts'

/** What the inspector's forms do, by the last part of their address. */
const ACTIONS: Readonly<Record<string, (commands: Commands, form: FormTree) => Promise<unknown>>> =
  {
    advance: (commands, form) => commands.moveClock(fields({ advance: textOf(form['by']) })),
    'clock-reset': (commands) => commands.moveClock(fields({ reset: true })),
    redeliver: (commands, form) => commands.redeliver(textOf(form['id'])),
    hold: (commands) => commands.hold(),
    release: (commands) => commands.release(),
    calm: (commands) => commands.setChaos({}),
    trigger: (commands, form) => commands.trigger(fields(happeningIn(form))),
    async chaos(commands, form) {
      // Fields that the form does not show keep what they were set to.
      const { chaos } = await commands.chaos()
      await commands.setChaos({
        seed: numberOf(form['seed'], CALM.seed),
        deliveries: { ...chaos.deliveries, ...numbersOf(form['deliveries']) },
        api: { ...chaos.api, ...numbersOf(form['api']) },
      })
    },
  }

/** Does what a form asks; ApiError 400 or 404 in plain words when it cannot. */
export async function act(commands: Commands, name: string, form: FormTree): Promise<void> {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
  if (action === undefined)
    throw new ApiError(404, {
      type: 'invalid_request_error',
      message: `The inspector has no form "${name}".`,
    })
  await action(commands, form)
}

/** What a form of `trigger-form.ts` asks for; an amount is typed as people write it. */
function happeningIn(form: FormTree): Readonly<Record<string, unknown>> {
  const named = ['event', 'charge', 'refund', 'dispute', 'reason', 'fraud_type']
    .map((name) => [name, textOf(form[name])] as const)
    .filter(([, text]) => text !== '')
  const amount = textOf(form['amount'])
  const minor = amount === '' ? undefined : parseMoney(amount, textOf(form['currency']))
  if (amount !== '' && minor === undefined)
    throw invalidRequest(`"${amount}" is not an amount of this currency.`, { param: 'amount' })
  return {
    ...Object.fromEntries(named),
    amount: minor,
    inquiry: form['inquiry'] === 'yes',
    silent: form['silent'] === 'yes',
  }
}

function textOf(value: FormValue | undefined): string {
  return typeof value === 'string' ? value.trim() : ''
}

function numberOf(value: FormValue | undefined, otherwise: number): number {
  const text = textOf(value)
  if (text === '') return otherwise
  const number = Number(text.replace(',', '.'))
  if (!Number.isFinite(number)) throw invalidRequest(`"${text}" is not a number.`)
  return number
}

function numbersOf(value: FormValue | undefined): Readonly<Record<string, number>> {
  if (typeof value !== 'object' || Array.isArray(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, numberOf(text, 0)]))
}
