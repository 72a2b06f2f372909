import fc from 'fast-check'
import { expect, it } from 'vitest'
import { usualSections, withAdded, withMoved } from './front-sections.ts'
import { areSame, changesBetween, usualSettings } from './look-settings.ts'
import { settingsFrom } from './stored-look.ts'

const usual = usualSettings({ brandColour: '#b4472e', paper: 'warm' })

it('what an older or newer program stored is read as far as it is known', () => {
  expect(settingsFrom(undefined)).toEqual(usual)
  expect(settingsFrom({ look: 'bold', fonts: 'comic', hero: 'carousel', more: true })).toEqual({
    ...usual,
    look: 'bold',
  })
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const settings = settingsFrom(value)
      expect(settingsFrom(JSON.parse(JSON.stringify(settings)))).toEqual(settings)
    }),
  )
})

it('tells what publishing would change, in words', () => {
  expect(changesBetween(usual, usual)).toEqual([])
  expect(areSame(usual, { ...usual, fonts: 'newsreader' })).toBe(false)
  expect(
    changesBetween(usual, { ...usual, brandColour: '#1f5fa8', look: 'bold', roundness: 'soft' }),
  ).toEqual([
    'Brand colour: #b4472e becomes #1f5fa8',
    'Look: Warm becomes Bold',
    'Corners: as the look has it becomes Very round',
  ])
})

it('tells of sections that are new, gone, hidden, moved, on another ground, or say something else', () => {
  const added = withAdded(usualSections, 'quote', 'q')
  const moved = withMoved(usualSections, 'about', 'earlier')
  if (!added.ok || !moved.ok) throw new Error('The rules refused it.')
  const withQuote = { ...usual, sections: added.sections }
  expect(changesBetween(usual, withQuote)).toEqual(['A quote: new on the front page'])
  expect(changesBetween(withQuote, usual)).toEqual(['A quote: taken off the front page'])
  expect(changesBetween(usual, { ...usual, sections: moved.sections })).toEqual([
    'The sections of the front page stand in another order',
  ])
  expect(
    changesBetween(usual, {
      ...usual,
      sections: usual.sections.map((one) =>
        one.kind === 'about' ? { ...one, isHidden: true, ground: 'dark', title: 'Mara' } : one,
      ),
    }),
  ).toEqual(['Mara: hidden', 'Mara: Plain becomes Dark', 'Mara: other words'])
})
