// Crockford's 32: no I, L, O or U, and what looks like a digit is read as one.
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** The last letter tells a slip of the finger; 19 of 5 bits are 95 random bits. */
export const codeLength = 20
const longestPrefix = 8

/** A new code. random: bytes of a source that cannot be guessed, at least 19. */
export function makeCode(
  random: Uint8Array = crypto.getRandomValues(new Uint8Array(codeLength - 1)),
): string {
  const values = Array.from({ length: codeLength - 1 }, (_, at) => (random[at] ?? 0) & 31)
  return [...values, checkOf(values)].map((value) => letters[value]).join('')
}

/** "NOTES-7K3QF-9A2BC-DEFGH-JKMN8" */
export function writeKey(prefix: string, code: string): string {
  return [...(prefix === '' ? [] : [prefix]), ...(code.match(/.{5}/g) ?? [])].join('-')
}

/**
 * The code in what somebody typed: case, spaces and hyphens make no difference, nor O for 0, I and L for 1, nor what stands
 * before it. undefined: it cannot be a key of any shop that counts like this one; a letter was mistyped or is missing.
 */
export function readKey(typed: string): string | undefined {
  const plain = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\-\u2010-\u2015_.]/g, '')
  if (plain.length < codeLength || plain.length > codeLength + longestPrefix) return undefined
  const code = plain.slice(-codeLength).replace(/[IL]/g, '1').replace(/O/g, '0')
  const values = [...code].map((letter) => letters.indexOf(letter))
  if (values.some((value) => value < 0)) return undefined
  return checkOf(values.slice(0, -1)) === values.at(-1) ? code : undefined
}

/**
 * A weighted sum in the field of 32 elements, each place with a weight of its own: every single wrong letter and every two
 * letters that changed places are noticed.
 */
function checkOf(values: readonly number[]): number {
  let sum = 0
  let weight = 1
  for (const value of values) {
    weight = times(weight, 2)
    sum ^= times(weight, value)
  }
  return sum
}

/** Modulo x^5 + x^2 + 1, of which 2 is a generator: its first 31 powers differ. */
function times(one: number, other: number): number {
  let product = 0
  for (let bit = 0; bit < 5; bit++) if ((other >> bit) & 1) product ^= one << bit
  for (let bit = 8; bit >= 5; bit--) if ((product >> bit) & 1) product ^= 0b100101 << (bit - 5)
  return product
}
