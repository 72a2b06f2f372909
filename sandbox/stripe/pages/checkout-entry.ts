import type { CheckoutSession } from '../engine/objects/checkout-session.ts'
import type { Entry } from '../engine/checkout-payment.ts'
import type { TestCard } from '../engine/test-cards.ts'
import type { FormTree } from '../http/form.ts'
import { isEmail } from '../engine/email.ts'
import { checkCardNumber, parseExpiry } from '../engine/card-entry.ts'
import { knownCard } from '../engine/instruments.ts'
import { bankOfAccount, debitTypeFor } from '../engine/test-banks.ts'
import { moneyOf, needsMethod } from '../engine/session-money.ts'
import { isCountry } from './countries.ts'

/** What stood in the form's fields, to be shown again. */
export type Typed = {
  email: string
  method: 'card' | 'bank_debit'
  number: string
  expiry: string
  cvc: string
  name: string
  country: string
  bank: string
}

export type FieldName = 'email' | 'number' | 'expiry' | 'cvc' | 'name' | 'country' | 'bank'

/** What is wrong with the form, before any bank is asked. */
export type Mistake = { field: FieldName; message: string }

export function typedIn(form: FormTree): Typed {
  const text = (name: string): string => {
    const value = form[name]
    return typeof value === 'string' ? value.trim().slice(0, 200) : ''
  }
  return {
    email: text('email'),
    method: text('method') === 'bank_debit' ? 'bank_debit' : 'card',
    number: text('card_number'),
    expiry: text('card_expiry'),
    cvc: text('card_cvc'),
    name: text('card_name'),
    country: text('card_country'),
    bank: text('bank_account'),
  }
}

/**
 * Reads the form for a session: what to pay with, or what is wrong with it.
 * @param now unix seconds, sandbox clock
 */
export function entryOf(
  session: CheckoutSession,
  typed: Typed,
  now: number,
): { ok: true; entry: Entry } | { ok: false; mistake: Mistake } {
  const knownEmail = session.customer_details?.email ?? null
  if (knownEmail === null && !isEmail(typed.email))
    return mistake(
      'email',
      typed.email === '' ? 'Enter your email address.' : 'Your email address is incomplete.',
    )
  const buyer = {
    email: knownEmail ?? typed.email,
    name: typed.name === '' ? null : typed.name,
    address: {
      city: null,
      country: isCountry(typed.country) ? typed.country : null,
      line1: null,
      line2: null,
      postal_code: null,
      state: null,
    },
  }
  if (!needsMethod(session)) return { ok: true, entry: { ...buyer, method: null } }
  const { currency } = moneyOf(session)
  const type = typed.method === 'card' ? 'card' : debitTypeFor(currency)
  if (!session.payment_method_types.includes(type))
    return mistake('number', 'The shop does not take this payment method.')
  if (typed.method === 'bank_debit') {
    const bank = bankOfAccount(typed.bank)
    if (bank === undefined || bank.type !== debitTypeFor(currency))
      return mistake('bank', 'Choose one of the test accounts.')
    if (buyer.name === null) return mistake('name', "Enter the account holder's name.")
    return { ok: true, entry: { ...buyer, method: { bank } } }
  }
  const read = cardOf(typed, now)
  return read.ok ? { ok: true, entry: { ...buyer, method: read.method } } : read
}

/**
 * Reads a card as it was typed in, before any bank is asked.
 * @param now unix seconds, sandbox clock
 */
export function cardOf(
  typed: Typed,
  now: number,
):
  | { ok: true; method: { card: TestCard; expMonth: number; expYear: number } }
  | { ok: false; mistake: Mistake } {
  const number = typed.number.replaceAll(/[\s-]/g, '')
  if (number === '') return mistake('number', 'Enter your card number.')
  const expiry = parseExpiry(typed.expiry)
  if (expiry === undefined) return mistake('expiry', "Your card's expiration date is incomplete.")
  const fault = checkCardNumber({
    number,
    expMonth: expiry.month,
    expYear: expiry.year,
    cvc: typed.cvc,
    now,
  })
  if (fault !== undefined)
    return mistake(
      fault.param === 'number' ? 'number' : fault.param === 'cvc' ? 'cvc' : 'expiry',
      fault.message,
    )
  return {
    ok: true,
    method: { card: knownCard(number), expMonth: expiry.month, expYear: expiry.year },
  }
}

function mistake(field: FieldName, message: string): { ok: false; mistake: Mistake } {
  return { ok: false, mistake: { field, message } }
}
