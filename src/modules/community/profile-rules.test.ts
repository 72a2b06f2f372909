import { expect, test } from 'vitest'
import { handleOf, nameFault } from './profile-rules.ts'

test('names in any script are names', () => {
  for (const name of ['Ada', 'Ada L.', '林', 'Żółw', 'O’Neill 2'])
    expect(nameFault(name, [])).toBeUndefined()
})

test('nothing, signs alone, addresses and far too much are none', () => {
  for (const name of [
    '',
    '   ',
    '***',
    '12',
    'cheap-pills.com',
    'me@example.com',
    'https://x',
    'a'.repeat(61),
  ])
    expect(nameFault(name, []), name).toBeDefined()
})

test('nobody takes the name of the owner, the shop or those who left', () => {
  const taken = ['Mara Lind', 'Studio Lind']
  for (const name of ['mara  lind', 'STUDIO-LIND', 'former member'])
    expect(nameFault(name, taken), name).toMatch(/somebody else/)
})

test('an address is made of the name', () => {
  expect(handleOf('Ada Łovelace & Co', 'a1b2c3d4')).toMatch(/^ada-.*-co-a1b2c3$/)
  expect(handleOf('林', 'a1b2c3')).toBe('reader-a1b2c3')
  expect(handleOf('x'.repeat(90), 'a1b2c3').length).toBeLessThanOrEqual(60)
})
