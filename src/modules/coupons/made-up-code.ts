import { randomInt } from 'node:crypto'

/** Without signs that look or sound alike: a code is read aloud and typed on phones. */
const signs = 'ABCDEFGHJKMNPQRTUVWXYZ346789'

/** A code nobody guesses, "K7QW-3XMT": 28 to the eighth, tried at most twenty times in ten minutes by one network. */
export function madeUpCode(): string {
  const pick = () => signs[randomInt(signs.length)] ?? ''
  const four = () => Array.from({ length: 4 }, pick).join('')
  return `${four()}-${four()}`
}
