/**
 * How an amount grows while it is typed at the end of its field, as on a till: 1, 2, 3, 4 -> 0.01, 0.12, 1.23, 12.34.
 * A separator leaves that way: "0.12" and then "." means twelve whole ones, "12.", and what follows is typed by hand.
 * Returns the next text, or undefined where the field should take the key as it comes. digits: of the currency.
 */
export function afterTyping(text: string, key: string, digits: number): string | undefined {
  if (digits === 0) return undefined
  if (/^\d$/.test(key)) {
    if (text === '' || isTill(text, digits)) return till(text.replace(/\D/g, '') + key, digits)
    return undefined
  }
  if ((key === '.' || key === ',') && isTill(text, digits)) {
    return `${Number(text.replace(/\D/g, ''))}${key}`
  }
  return undefined
}

/** The same for the backspace key at the end of the field: 12.34 -> 1.23, 0.01 -> empty. */
export function afterDeletion(text: string, digits: number): string | undefined {
  if (digits === 0 || !isTill(text, digits)) return undefined
  const rest = text.replace(/\D/g, '').slice(0, -1)
  return Number(rest) === 0 ? '' : till(rest, digits)
}

/** Only what this file wrote counts as typed on a till: digits, a dot, exactly the currency's digits. */
function isTill(text: string, digits: number): boolean {
  return new RegExp(`^\\d+\\.\\d{${digits}}$`).test(text)
}

/** As many whole digits as Stripe takes in one price; further keys change nothing. */
const mostDigits = 8

function till(all: string, digits: number): string {
  const significant = all
    .replace(/^0+/, '')
    .slice(0, mostDigits)
    .padStart(digits + 1, '0')
  return `${significant.slice(0, -digits)}.${significant.slice(-digits)}`
}
