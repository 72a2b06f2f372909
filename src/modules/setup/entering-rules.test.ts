import { expect, test } from 'vitest'
import {
  domainOfSender,
  keyRefusal,
  lastFour,
  mailServerOf,
  passwordFor,
  passwordOf,
  smtpUrlOf,
  webhookRefusal,
} from './entering-rules.ts'

test.each([
  ['', undefined, 'blank'],
  ['pk_live_51abcdefghijkl', undefined, 'publishable'],
  ['whsec_51abcdefghijkl', undefined, 'webhook_secret'],
  ['sk_test_short', undefined, 'not_a_key'],
  ['sk_test_with a blank in it', undefined, 'not_a_key'],
  ['hello', undefined, 'not_a_key'],
  ['sk_live_51abcdefghijkl', 'http://127.0.0.1:4000', 'live_elsewhere'],
  ['sk_live_51abcdefghijkl', 'https://api.stripe.com', undefined],
  ['sk_test_51abcdefghijkl', 'http://127.0.0.1:4000', undefined],
  ['rk_live_51abcdefghijkl', undefined, undefined],
] as const)('the key %j beside the backend %j is refused as %j [payments 15]', (key, base, as) => {
  expect(keyRefusal(key, base)).toBe(as)
})

test.each(['', 'whsec_short', 'sk_test_51abcdefghijkl', 'whsec_1234567890,', ' , '])(
  'the webhook secret %j is refused in words [payments 15]',
  (text) => {
    expect(webhookRefusal(text)).toMatch(/\w+ \w+/)
  },
)

test('one or several webhook secrets are taken', () => {
  expect(webhookRefusal('whsec_1234567890abcdef')).toBeUndefined()
  expect(webhookRefusal('whsec_1234567890abcdef, whsec_abcdef1234567890')).toBeUndefined()
})

test('of a secret only its end is shown, and nothing of one that is short', () => {
  expect(lastFour('sk_test_51abcdefgh7890')).toBe('7890')
  expect(lastFour('12345678901')).toBe('')
})

test('a mail server becomes an address and is read from it again, whatever its password holds', () => {
  const server = {
    host: 'smtp.example.com',
    port: 587,
    user: 'me@example.com',
    password: 'p@ss:/?#w',
  }
  const url = smtpUrlOf(server)
  expect(url).toMatch(/^smtp:\/\//)
  expect(mailServerOf(url)).toEqual({ host: server.host, port: 587, user: server.user })
  expect(passwordOf(url)).toBe(server.password)
  expect(smtpUrlOf({ ...server, port: 465 })).toMatch(/^smtps:\/\//)
  expect(mailServerOf('smtp://mail.example')).toEqual({ host: 'mail.example', port: 587, user: '' })
})

test.each([
  ['Mara <mara@shop.example>', 'shop.example'],
  ['mara@Shop.Example', 'shop.example'],
  ['no address', undefined],
])('the sender %j writes from %j', (from, domain) => {
  expect(domainOfSender(from)).toBe(domain)
})

test('the kept password goes to the server, port and user that it was typed for, and to no other', () => {
  const known = { host: 'smtp.example.com', port: 587, user: 'me', password: 'hunter2' }
  const kept = smtpUrlOf(known)
  const left = { ...known, password: '' }
  expect(passwordFor(left, kept)).toBe('hunter2')
  for (const other of [{ host: 'smtp.example.org' }, { port: 2525 }, { user: 'you' }]) {
    expect(passwordFor({ ...left, ...other }, kept)).toBeUndefined()
    expect(passwordFor({ ...left, ...other, password: 'typed' }, kept)).toBe('typed')
  }
  // Nothing to sign in with, nothing kept, no server any more.
  expect(passwordFor({ ...left, port: 25, user: '' }, kept)).toBe('')
  expect(passwordFor(left, smtpUrlOf({ ...left, port: 465 }))).toBe('')
  expect(passwordFor(left, undefined)).toBe('')
  expect(passwordFor({ host: '', port: 0, user: '', password: '' }, kept)).toBe('')
})
