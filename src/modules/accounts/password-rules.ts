import { commonPasswords } from './common-passwords.ts'

export const passwordLeast = 10
/** Longer texts would only make the server work; nobody types them. */
export const passwordMost = 200

export type PasswordFault = 'too_short' | 'too_long' | 'too_common' | 'is_the_address'

/**
 * What is wrong with a new password, undefined when nothing is. Length and guessability decide; no rules
 * about kinds of characters (NIST SP 800-63B, 5.1.1.2). email: canonical address of who sets it.
 */
export function passwordFault(password: string, email: string): PasswordFault | undefined {
  const length = [...password].length
  if (length < passwordLeast) return 'too_short'
  if (length > passwordMost) return 'too_long'
  const plain = password.normalize('NFKC').toLowerCase()
  if (plain === email || plain === email.split('@')[0]) return 'is_the_address'
  if (new Set(plain).size < 3 || commonPasswords.has(plain)) return 'too_common'
  return undefined
}

export const passwordFaultWords: Readonly<Record<PasswordFault, string>> = {
  too_short: `Please use at least ${passwordLeast} characters. A few words in a row work well.`,
  too_long: `Please use at most ${passwordMost} characters.`,
  too_common: 'This password is one of the first that would be guessed. Please choose another.',
  is_the_address: 'Your password should not be your e-mail address.',
}
