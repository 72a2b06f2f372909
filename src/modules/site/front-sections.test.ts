import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addedKinds,
  grounds,
  isEmpty,
  mostSections,
  questionsIn,
  usualSections,
  withAdded,
  withGround,
  withHidden,
  withMoved,
  withRemoved,
  withWords,
  type FrontSection,
  type SectionsResult,
} from './front-sections.ts'
import { sectionsFrom } from './stored-look.ts'

function sectionsOf(result: SectionsResult): readonly FrontSection[] {
  if (!result.ok) throw new Error(result.reason)
  return result.sections
}
const ids = (sections: readonly FrontSection[]) => sections.map(({ id }) => id)
const four = sectionsOf(withAdded(usualSections, 'words', 'mine'))

describe('the sections of the front page', () => {
  it('begin with the opening, the range and the words about the owner', () => {
    expect(ids(usualSections)).toEqual(['opening', 'range', 'about'])
  })

  it('are moved one place at a time, never before the opening and never past the end', () => {
    expect(ids(sectionsOf(withMoved(four, 'mine', 'earlier')))).toEqual([
      'opening',
      'range',
      'mine',
      'about',
    ])
    expect(ids(sectionsOf(withMoved(four, 'range', 'earlier')))).toEqual(ids(four))
    expect(ids(sectionsOf(withMoved(four, 'mine', 'later')))).toEqual(ids(four))
    expect(withMoved(four, 'opening', 'later')).toEqual({ ok: false, reason: 'stays' })
    expect(withMoved(four, 'nobody', 'later')).toEqual({ ok: false, reason: 'no_such_section' })
  })

  it('are hidden and shown again, but the opening', () => {
    const hidden = sectionsOf(withHidden(four, 'about', true))
    expect(hidden.find(({ id }) => id === 'about')?.isHidden).toBe(true)
    expect(sectionsOf(withHidden(hidden, 'about', false))).toEqual(four)
    expect(withHidden(four, 'opening', true)).toEqual({ ok: false, reason: 'stays' })
  })

  it('are removed only where they were added', () => {
    expect(ids(sectionsOf(withRemoved(four, 'mine')))).toEqual(ids(usualSections))
    expect(withRemoved(four, 'range')).toEqual({ ok: false, reason: 'stays' })
  })

  it('take words where they have a place for them', () => {
    const words = { title: 'How I work', body: 'Slowly.' }
    const written = sectionsOf(withWords(four, 'mine', words))
    expect(written.at(-1)).toMatchObject(words)
    expect(sectionsOf(withWords(four, 'about', words)).at(2)).toMatchObject({
      title: 'How I work',
      body: '',
    })
    expect(sectionsOf(withGround(four, 'opening', 'brand')).at(0)?.ground).toBe('brand')
  })

  it('are twelve at most', () => {
    let sections: readonly FrontSection[] = usualSections
    for (let number = sections.length; number < mostSections; number++)
      sections = sectionsOf(withAdded(sections, 'quote', `one-${number}`))
    expect(withAdded(sections, 'quote', 'one-too-many')).toEqual({ ok: false, reason: 'too_many' })
  })

  it('show nothing while they have nothing to say', () => {
    for (const kind of addedKinds)
      expect(isEmpty(sectionsOf(withAdded([], kind, 'new')).at(-1) ?? four[0]!)).toBe(true)
    expect(usualSections.some(isEmpty)).toBe(false)
  })

  it('are read back from whatever was stored, and always whole', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.record({
              id: fc.string(),
              kind: fc.constantFrom('opening', 'range', 'about', 'words', 'quote', 'posts'),
              ground: fc.constantFrom(...grounds, 'glass'),
              isHidden: fc.boolean(),
              title: fc.string(),
              body: fc.string(),
            }),
          ),
        ),
        (value) => {
          const sections = sectionsFrom(value)
          expect(sections[0]).toMatchObject({ id: 'opening', isHidden: false })
          expect(sections.length).toBeLessThanOrEqual(mostSections + 2)
          for (const kind of ['opening', 'range', 'about'])
            expect(sections.filter((one) => one.kind === kind)).toHaveLength(1)
          expect(new Set(ids(sections)).size).toBe(sections.length)
          expect(sectionsFrom(JSON.parse(JSON.stringify(sections)))).toEqual(sections)
        },
      ),
    )
  })
})

it('questions are blocks: the first line asks, the others answer', () => {
  expect(
    questionsIn('Is it mine?\nYes.\nFor ever.\n\n\n  Can I print it? \n \nWho are you?\nMara.'),
  ).toEqual([
    { question: 'Is it mine?', answer: 'Yes.\nFor ever.' },
    { question: 'Can I print it?', answer: '' },
    { question: 'Who are you?', answer: 'Mara.' },
  ])
  expect(questionsIn(' \n\n ')).toEqual([])
})
