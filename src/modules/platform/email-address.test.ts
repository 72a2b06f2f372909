import { expect, test } from 'vitest'
import { canonicalEmail, deliverableEmail } from './email-address.ts'

test('one mailbox has one form, however its address is written', () => {
  for (const written of [
    'zoë@bücher.example',
    ' Zoë@BÜCHER.Example ',
    'zoe\u0308@bu\u0308cher.example',
    // As browsers send what is typed into a field for addresses.
    'zoë@xn--bcher-kva.example',
    'zoë@XN--BCHER-KVA.example',
  ]) {
    expect(canonicalEmail(written), written).toBe('zoë@xn--bcher-kva.example')
    expect(deliverableEmail(written), written).toBe('zoë@xn--bcher-kva.example')
  }
  expect(canonicalEmail('Ａnna+shop@例え.テスト')).toBe('anna+shop@xn--r8jz45g.xn--zckzah')
  expect(canonicalEmail('anna@straße.example')).toBe('anna@xn--strae-oqa.example')
})

test('a form is stable: taken again, it is the same', () => {
  for (const written of ['zoë@bücher.example', 'a.b@c.example', 'x@1.2', 'x@a--b.example']) {
    const form = canonicalEmail(written)
    expect(form).toBeDefined()
    expect(canonicalEmail(form ?? '')).toBe(form)
  }
  expect(canonicalEmail('x@1.2')).toBe('x@1.2')
})

test('what mail could not reach is none', () => {
  for (const text of [
    '',
    'anna',
    'anna@host',
    'anna@-a.example',
    'an na@a.example',
    'anna@a..example',
    '.anna@a.example',
    'anna@a.example\u202e',
    `${'a'.repeat(65)}@a.example`,
    `anna@${'ü'.repeat(63)}.example`,
    `anna@${'a'.repeat(64)}.example`,
  ])
    expect(canonicalEmail(text), text).toBeUndefined()
})
