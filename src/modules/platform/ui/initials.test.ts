import { describe, expect, it } from 'vitest'
import { initialsOf, tintOf } from './initials.ts'

describe('initials', () => {
  it.each([
    ['Ana de la Cruz', 'AC'],
    ['ana', 'A'],
    ['ana.lopez@example.com', 'AL'],
    ['  Élodie   Ångström ', 'ÉÅ'],
    ['李小龍', '李'],
    ['', '?'],
    ['!!!', '?'],
  ])('of %j are %j', (name, initials) => expect(initialsOf(name)).toBe(initials))

  it('give the same name the same tint', () => {
    expect(tintOf('Ana')).toBe(tintOf('Ana'))
    expect(
      new Set(['Ana', 'Ben', 'Chidi', 'Dora', 'Eve', 'Finn'].map(tintOf)).size,
    ).toBeGreaterThan(1)
  })
})
