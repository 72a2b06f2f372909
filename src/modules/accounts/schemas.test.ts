import { expect, test } from 'vitest'
import {
  codeForm,
  codeRequestForm,
  nameForm,
  ownerForm,
  passwordSignInForm,
  readForm,
  typed,
} from './schemas.ts'

function form(fields: Readonly<Record<string, string | Blob>>): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.set(name, value)
  return data
}

test('an address is read in its canonical form', () => {
  expect(
    readForm(codeRequestForm, form({ email: ' Anna@Example.COM ', next: '/dashboard' })),
  ).toEqual({
    ok: true,
    values: { email: 'anna@example.com', next: '/dashboard' },
  })
})

test.each([
  [{}, 'Please enter your e-mail address.'],
  [{ email: '  ' }, 'Please enter your e-mail address.'],
  [{ email: 'anna' }, 'This does not look like an e-mail address. Is there a letter missing?'],
  [{ email: 'a'.repeat(2_000) }, 'This address is too long.'],
  [{ email: new Blob(['anna@example.com']) }, 'Please enter your e-mail address.'],
])('%j is no address: %s', (fields, words) => {
  expect(readForm(codeRequestForm, form(fields))).toEqual({ ok: false, errors: { email: words } })
})

test('a field that comes twice counts as missing', () => {
  const data = form({ email: 'anna@example.com' })
  data.append('email', 'mallory@example.com')
  expect(readForm(codeRequestForm, data).ok).toBe(false)
})

test('a code may be typed with spaces', () => {
  expect(readForm(codeForm, form({ code: ' 123 456 ' }))).toEqual({
    ok: true,
    values: { code: '123456' },
  })
  expect(readForm(codeForm, form({ code: '12345' }))).toMatchObject({ ok: false })
})

test('a name is one line of printable text', () => {
  const read = (name: string) => readForm(nameForm, form({ name }))
  expect(read('  Anna\r\n\tB.\u0000 ')).toEqual({ ok: true, values: { name: 'Anna B.' } })
  expect(read('')).toEqual({ ok: true, values: { name: '' } })
  expect(read('x'.repeat(121)).ok).toBe(false)
})

test('a password is compared as typed: spaces at its ends are part of it', () => {
  const read = readForm(passwordSignInForm, form({ email: 'a@example.com', password: '  two  ' }))
  expect(read).toMatchObject({ ok: true, values: { password: '  two  ' } })
})

test('the owner’s form names all that is wrong with it at once', () => {
  expect(readForm(ownerForm, form({ name: ' ', email: 'x', password: '' }))).toEqual({
    ok: false,
    errors: {
      name: 'Please enter your name.',
      email: 'This does not look like an e-mail address. Is there a letter missing?',
      password: 'Please use at least 10 characters. A few words in a row work well.',
    },
  })
  const own = { name: 'Anna', email: 'margarethe@example.com', password: 'Margarethe' }
  expect(readForm(ownerForm, form(own))).toMatchObject({
    ok: false,
    errors: { password: 'Your password should not be your e-mail address.' },
  })
  const read = readForm(
    ownerForm,
    form({ name: 'Anna', email: 'anna@example.com', password: 'password123' }),
  )
  expect(read).toMatchObject({
    ok: false,
    errors: { password: expect.stringContaining('guessed') },
  })
})

test('what stands in the form again is never endless', () => {
  expect(typed(form({ email: 'x'.repeat(5_000) }), 'email')).toHaveLength(1_000)
  expect(typed(form({ email: new Blob(['x']) }), 'email')).toBe('')
})
