import { expect, test } from 'vitest'
import { lookInput } from './schemas.ts'
import {
  densities,
  densityOf,
  headOf,
  heads,
  lookCss,
  looks,
  lookWords,
  tokensOf,
  type Look,
} from './looks.ts'
import { roles } from './palette.ts'

const as = (look: Look) => ({ look, density: undefined, head: undefined })

test('there are six looks, each with words of its own', () => {
  expect(looks).toEqual(['plain', 'warm', 'editorial', 'bold', 'night', 'soft'])
  expect(new Set(looks.map((look) => lookWords[look].help)).size).toBe(6)
})

test.each(looks)('%s changes no colour: contrast stays what the palette holds it to', (look) => {
  for (const role of roles) expect(tokensOf(as(look))).not.toMatch(new RegExp(`--${role}:`))
  // A colour may be chosen, but only among the roles that are readable as text.
  for (const [, value] of tokensOf(as(look)).matchAll(/--hero-ink:([^;]*)/g))
    expect(value).toBe('var(--accent-text)')
})

test('no look reaches out of its style element, and the first one needs none', () => {
  expect(lookCss(as('warm'))).toBe('')
  for (const look of looks) expect(lookCss(as(look))).not.toMatch(/[<>@\\]|url\(/)
})

test('night is dark by itself, and light for whoever chose light', () => {
  expect(lookCss(as('night'))).toContain(":not([data-scheme='light']){color-scheme:dark}")
})

test('a form without a look keeps the first, and one with a look that is none is refused', () => {
  const form = { brandColour: '#336688', paper: 'cool' }
  expect(lookInput.parse(form).look).toBe('warm')
  expect(lookInput.safeParse({ ...form, look: 'gold' }).success).toBe(false)
})

test('each head and each room is the one of some look, and can be chosen for any other', () => {
  expect(new Set(looks.map((look) => headOf(as(look))))).toEqual(new Set(heads))
  expect(new Set(looks.map((look) => densityOf(as(look))))).toEqual(new Set(densities))
  for (const look of looks)
    for (const head of heads)
      for (const density of densities) {
        expect(headOf({ look, head, density })).toBe(head)
        expect(densityOf({ look, head, density })).toBe(density)
        expect(lookCss({ look, head, density })).not.toMatch(/[<>@\\]|url\(/)
      }
})

test('a form that chooses neither room nor head leaves them to the look', () => {
  const form = { brandColour: '#336688', paper: 'cool', look: 'bold', density: '', head: '' }
  expect(lookInput.parse(form)).toMatchObject({ density: undefined, head: undefined })
  expect(lookInput.parse({ ...form, density: 'roomy', head: 'bar' })).toMatchObject({
    density: 'roomy',
    head: 'bar',
  })
  expect(lookInput.safeParse({ ...form, head: 'none' }).success).toBe(false)
})
