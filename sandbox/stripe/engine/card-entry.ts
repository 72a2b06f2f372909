import { hasRightCheckDigit } from './test-cards.ts'

/** What is wrong with a card as typed in, in Stripe's words. */
export type CardFault = {
  code: 'incorrect_number' | 'invalid_expiry_month' | 'invalid_expiry_year' | 'invalid_cvc'
  param: 'number' | 'exp_month' | 'exp_year' | 'cvc'
  message: string
}

/** Checks what a person typed before any bank is asked. `now` in unix seconds, sandbox clock. */
export function checkCardNumber(entry: {
  number: string
  expMonth: number
  expYear: number
  cvc: string | undefined
  now: number
}): CardFault | undefined {
  if (!hasRightCheckDigit(entry.number))
    return {
      code: 'incorrect_number',
      param: 'number',
      message: 'Your card number is incorrect.',
    }
  if (!Number.isInteger(entry.expMonth) || entry.expMonth < 1 || entry.expMonth > 12)
    return {
      code: 'invalid_expiry_month',
      param: 'exp_month',
      message: "Your card's expiration month is invalid.",
    }
  const year = fullYear(entry.expYear)
  const today = new Date(entry.now * 1000)
  const months = year * 12 + entry.expMonth - 1
  const thisMonth = today.getUTCFullYear() * 12 + today.getUTCMonth()
  if (!Number.isInteger(entry.expYear) || months < thisMonth || months > thisMonth + 50 * 12)
    return {
      code: 'invalid_expiry_year',
      param: 'exp_year',
      message: "Your card's expiration year is invalid.",
    }
  if (entry.cvc !== undefined && !/^\d{3,4}$/.test(entry.cvc))
    return {
      code: 'invalid_cvc',
      param: 'cvc',
      message: "Your card's security code is invalid.",
    }
  return undefined
}

/** 27 and 2027 alike. */
function fullYear(year: number): number {
  return year >= 0 && year < 100 ? 2000 + year : year
}

/** Reads `12 / 27`, `12/2027` or `1227`. */
export function parseExpiry(text: string): { month: number; year: number } | undefined {
  const match = /^\s*(\d{1,2})\s*[/\-.]?\s*(\d{2}|\d{4})\s*$/.exec(text)
  if (match === null) return undefined
  return { month: Number(match[1]), year: fullYear(Number(match[2])) }
}
