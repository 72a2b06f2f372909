import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newId } from '#modules/platform/ids.ts'
import { enclosed, readEnclosed, type Agreement } from './enclosed.ts'

const at = new Date('2026-11-22T12:00:00.123Z')
const nothing: Agreement = { consents: [], answers: [], gift: undefined }
const answer = (text: string, question = 'For whom?') => ({
  position: 0,
  questionId: newId(),
  question,
  answer: text,
})
const gift = { fromName: 'Ann', toName: 'Tina', toEmail: 'tina@example.com', message: 'Enjoy' }
const terms = { kind: 'terms' as const, words: 'I agree to: Terms' }

test('what fits comes back as it was, whatever signs are in it', () => {
  fc.assert(
    fc.property(
      fc.record({
        fromName: fc.string({ unit: 'binary', minLength: 1, maxLength: 120 }),
        toName: fc.string({ unit: 'binary', maxLength: 120 }),
        message: fc.string({ unit: 'binary', maxLength: 1_000 }),
        toEmail: fc.constantFrom(undefined, 'tina@example.com'),
      }),
      fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 5 }),
      (words, answers) => {
        const agreement = { consents: [terms], gift: words, answers: answers.map((a) => answer(a)) }
        const text = enclosed(agreement, at, 100_000)
        expect(readEnclosed(text)).toEqual({ ...agreement, at, missing: 0 })
      },
    ),
  )
})

test('what does not fit is left out whole, the longest answers alone, and says so where it would have stood', () => {
  const long = answer('x'.repeat(5_000))
  const short = answer('y'.repeat(50))
  const text = enclosed({ consents: [terms], gift, answers: [long, short] }, at, 1_000)
  expect(text.length).toBeLessThanOrEqual(1_000)
  const read = readEnclosed(text)
  expect(read).toMatchObject({ gift, consents: [terms], missing: 0 })
  expect(read?.answers[0]).toMatchObject({
    question: 'For whom?',
    answer: expect.stringContaining('too long'),
  })
  expect(read?.answers[1]).toEqual(short)
})

test('however little room there is, it holds, and a gift stays a gift for the same person', () => {
  const wide = '漢'.repeat(120)
  const most = {
    gift: {
      fromName: wide,
      toName: wide,
      toEmail: `${'漢'.repeat(60)}@example.com`,
      message: wide,
    },
    consents: [terms, { kind: 'immediate_delivery' as const, words: wide }],
    answers: Array.from({ length: 800 }, () => answer(wide, wide)),
  }
  for (const room of [1_094, 2_000, 5_000, 16_000]) {
    const text = enclosed(most, at, room)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(room)
    const read = readEnclosed(text)
    expect(read?.gift).toMatchObject({ fromName: wide, toEmail: most.gift.toEmail })
    expect(read?.consents.map((one) => one.kind)).toEqual(['terms', 'immediate_delivery'])
    expect((read?.answers.length ?? 0) + (read?.missing ?? 0)).toBeGreaterThanOrEqual(800)
  }
})

test('what another version wrote is not read by guess', () => {
  const text = enclosed(nothing, at, 1_000)
  expect(readEnclosed(text)).toMatchObject({ gift: undefined, answers: [] })
  expect(readEnclosed(text.replace('[1,', '[2,'))).toBeUndefined()
  expect(readEnclosed('[1,0,0,["voucher","x"]]')).toBeUndefined()
})
