import { expect, test } from 'vitest'
import { lookInput } from './schemas.ts'
import { lookCss, looks, lookWords, tokensOf } from './looks.ts'
import { roles } from './palette.ts'

test('there are six looks, each with words of its own', () => {
  expect(looks).toEqual(['plain', 'warm', 'editorial', 'bold', 'night', 'soft'])
  expect(new Set(looks.map((look) => lookWords[look].help)).size).toBe(6)
})

test.each(looks)('%s changes no colour: contrast stays what the palette holds it to', (look) => {
  for (const role of roles) expect(tokensOf(look)).not.toMatch(new RegExp(`--${role}:`))
  // A colour may be chosen, but only among the roles that are readable as text.
  for (const [, value] of tokensOf(look).matchAll(/--hero-ink:([^;]*)/g))
    expect(value).toBe('var(--accent-text)')
})

test('no look reaches out of its style element, and the first one needs none', () => {
  expect(lookCss('warm')).toBe('')
  for (const look of looks) expect(lookCss(look)).not.toMatch(/[<>@\\]|url\(/)
})

test('night is dark by itself, and light for whoever chose light', () => {
  expect(lookCss('night')).toContain(":not([data-scheme='light']){color-scheme:dark}")
})

test('a form without a look keeps the first, and one with a look that is none is refused', () => {
  const form = { brandColour: '#336688', paper: 'cool' }
  expect(lookInput.parse(form).look).toBe('warm')
  expect(lookInput.safeParse({ ...form, look: 'gold' }).success).toBe(false)
})
