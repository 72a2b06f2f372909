import { expect, test } from 'vitest'
import {
  isProofFor,
  needsProof,
  proofWords,
  type ProofFor,
  type ProofState,
} from './fresh-proof-rules.ts'

const owner: ProofState = {
  role: 'owner',
  hasFactor: true,
  asksForProof: true,
  isFresh: false,
  isFreshByFactor: false,
}
// The keys of an object of ours.
const all = Object.keys(proofWords) as ProofFor[]

test('an owner with a factor proves it before everything dangerous', () => {
  expect(all.filter((what) => needsProof(what, owner))).toEqual(all)
})

test('a fresh proof by the factor counts for everything, one by password for nothing', () => {
  expect(all.filter((what) => needsProof(what, { ...owner, isFreshByFactor: true }))).toEqual([])
  expect(all.filter((what) => needsProof(what, { ...owner, isFresh: true }))).toEqual(all)
})

test('the owner may leave refunds, prices and access without proof, nothing else', () => {
  const asked = all.filter((what) => needsProof(what, { ...owner, asksForProof: false }))
  expect(asked).toEqual(all.filter((what) => !['refund', 'price', 'access'].includes(what)))
})

test('without a factor nobody is held up, but for setting one up and for leaving', () => {
  const without = { ...owner, hasFactor: false }
  expect(all.filter((what) => needsProof(what, without))).toEqual(['leave', 'factors'])
  for (const what of ['factors', 'leave'] as const)
    expect(needsProof(what, { ...without, isFresh: true })).toBe(false)
})

test('only what is known is named', () => {
  expect(isProofFor('refund')).toBe(true)
  for (const text of [null, '', 'toString', '__proto__']) expect(isProofFor(text)).toBe(false)
})
