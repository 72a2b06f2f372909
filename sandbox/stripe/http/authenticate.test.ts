import { describe, expect, it } from 'vitest'
import { ApiError } from '../api-error.ts'
import { accountOfKey, authenticate, formTokenOf } from './authenticate.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

describe('a request', () => {
  it.each([
    ['Bearer sk_test_abc'],
    ['bearer sk_test_abc'],
    [basic('sk_test_abc:')],
    [basic('sk_test_abc')],
  ])('with %s belongs to the account of the key', (authorization) => {
    expect(authenticate({ authorization }, undefined)).toEqual({
      key: 'sk_test_abc',
      account: accountOfKey('sk_test_abc'),
    })
  })

  it.each([
    ['no key', undefined, 'You did not provide an API key'],
    ['an empty key', 'Bearer ', 'You did not provide an API key'],
    ['a scheme nobody knows', 'Digest x', 'You did not provide an API key'],
    ['a publishable key', 'Bearer pk_test_abc', 'publishable API key'],
    ['a live key', 'Bearer sk_live_abcdefgh', 'real money'],
    ['a live restricted key', 'Bearer rk_live_abcdefgh', 'real money'],
    ['something else', 'Bearer hunter2', 'Invalid API Key provided'],
    ['a key that is not a word', 'Bearer sk_test_a b', 'Invalid API Key provided'],
  ])('with %s is refused with 401', (_name, authorization, words) => {
    const attempt = (): unknown => authenticate({ authorization }, undefined)
    expect(attempt).toThrow(words)
    try {
      attempt()
    } catch (error) {
      expect(error).toBeInstanceOf(ApiError)
      expect(error).toMatchObject({ status: 401, body: { type: 'invalid_request_error' } })
    }
  })

  it('never says a refused key in full', () => {
    expect(() => authenticate({ authorization: 'Bearer sk_live_verysecret' }, undefined)).toThrow(
      /sk_live_\*+cret/,
    )
  })

  it('needs the one key of a sandbox that takes only one', () => {
    const headers = { authorization: 'Bearer sk_test_other' }
    expect(() => authenticate(headers, 'sk_test_mine')).toThrow('Invalid API Key')
    expect(authenticate({ authorization: 'Bearer sk_test_mine' }, 'sk_test_mine').key).toBe(
      'sk_test_mine',
    )
  })
})

it('gives neither the account nor the form token a trace of the key', () => {
  expect(accountOfKey('sk_test_abc')).toMatch(/^acct_[0-9A-Za-z]{16}$/)
  expect(accountOfKey('sk_test_abc')).not.toBe(accountOfKey('sk_test_abd'))
  expect(formTokenOf('sk_test_abc')).not.toContain('sk_test')
})
