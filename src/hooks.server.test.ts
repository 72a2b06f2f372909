import type { RequestEvent } from '@sveltejs/kit'
import pg from 'pg'
import { expect, test } from 'vitest'
import { StorageUnavailableError } from '#modules/platform/server/index.ts'
import { handleError } from './hooks.server.ts'

function told(error: unknown, at = '/admin/products/1', method = 'POST') {
  const url = new URL(at, 'http://shop.test')
  const event = { url, request: new Request(url, { method }), locals: { requestId: 'abcdefghij' } }
  // What the hook reads of a request.
  return handleError({ kind: 'unknown', error, event: event as unknown as RequestEvent })
}
const coded = (error: Error, code: string) => Object.assign(error, { code })

test.each([
  [
    'M23: a store of files that is silent',
    new StorageUnavailableError('silent', 'x'),
    /^Files cannot/,
  ],
  ['M26: a disk without room', coded(new Error('no space'), 'ENOSPC'), /^Nothing can be stored/],
  [
    'M05: a database without room',
    coded(new pg.DatabaseError('x', 1, 'error'), '53100'),
    /^Nothing can be stored/,
  ],
  [
    'M01: a database that is away',
    coded(new pg.DatabaseError('x', 1, 'error'), '57P01'),
    /^The shop cannot reach/,
  ],
])(
  '%s is told in words with 503, and the address is good again by itself',
  async (_, error, words) => {
    expect(await told(error)).toMatchObject({
      status: 503,
      message: expect.stringMatching(words) as string,
      reference: 'abcdefgh',
    })
  },
)

test('that nothing was charged is said where a payment was to begin, and not to who comes back from one', async () => {
  const away = () => coded(new pg.DatabaseError('x', 1, 'error'), '57P01')
  expect(await told(away(), '/buy')).toMatchObject({
    message: expect.stringContaining('Nothing was charged.') as string,
  })
  expect(await told(away(), '/checkout/1', 'GET')).toMatchObject({
    message: expect.not.stringContaining('charged') as string,
  })
})

test('any other fault is one of ours, and tells nothing of itself', async () => {
  expect(await told(new Error('secret words'))).toEqual({
    message: 'Something went wrong on our side. Nothing you did is lost.',
    reference: 'abcdefgh',
  })
})
