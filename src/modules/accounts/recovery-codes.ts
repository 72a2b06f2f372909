import { randomInt } from 'node:crypto'

/** How many a member gets at once. */
export const recoveryCodeCount = 10

/** No letter or digit that is taken for another one when it is read from paper: no 0 O, 1 I L, 5 S, 2 Z, U V. */
const alphabet = '346789ABCDEFGHJKMNPQRTWXY'
const letters = 12

/** Twelve letters of 25 from the system's random source (55 bits), in groups: "7KQM-XA3D-9WTE". */
export function makeRecoveryCodes(): readonly string[] {
  const codes = new Set<string>()
  while (codes.size < recoveryCodeCount) {
    const code = Array.from({ length: letters }, () => alphabet[randomInt(alphabet.length)]).join(
      '',
    )
    codes.add(code.replace(/(.{4})(?=.)/g, '$1-'))
  }
  return [...codes]
}

/** Reads a code as people type it (small letters, spaces, no dashes); undefined when it cannot be one. */
export function readRecoveryCode(text: string): string | undefined {
  if (text.length > 60) return undefined
  const plain = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\-.]/g, '')
  return plain.length === letters && [...plain].every((letter) => alphabet.includes(letter))
    ? plain
    : undefined
}
