import { expect, test } from 'vitest'
import { commonPasswords } from './common-passwords.ts'
import { passwordFault } from './password-rules.ts'

const email = 'margarethe@example.com'

test.each([
  ['nine char', 'too_short'],
  ['', 'too_short'],
  ['🦊🦊🦊🦊🦊🦊🦊🦊🦊', 'too_short'],
  ['x'.repeat(201), 'too_long'],
  ['password123', 'too_common'],
  ['PASSWORD123', 'too_common'],
  ['Ｐassword123', 'too_common'],
  ['qwertyuiop', 'too_common'],
  ['abababababab', 'too_common'],
  ['correct horse battery staple', 'too_common'],
  ['margarethe@example.com', 'is_the_address'],
  ['Margarethe', 'is_the_address'],
])('%j is refused: %s', (password, fault) => {
  expect(passwordFault(password, email)).toBe(fault)
})

test.each(['a quiet lamp in june', 'Tr0ub4dor&3x', 'süßer Käsekuchen', 'x7'.repeat(50) + 'q'])(
  '%j is good',
  (password) => {
    expect(passwordFault(password, email)).toBeUndefined()
  },
)

test('the list of common passwords holds only what the length alone does not refuse', () => {
  expect(commonPasswords.size).toBeGreaterThan(200)
  for (const word of commonPasswords) {
    expect(word.length).toBeGreaterThanOrEqual(10)
    expect(word).toBe(word.toLowerCase())
  }
})
