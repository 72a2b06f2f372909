import { expect, test } from 'vitest'
import { adsTxt, policyWithAds, readAdClient, readAdUnit } from './ads.ts'

const client = 'ca-pub-1234567890123456'
const unitCode = `<ins class="adsbygoogle" style="display:block" data-ad-client="${client}"
  data-ad-slot="9876543210" data-ad-format="auto"></ins>`

test('the account is found in whatever AdSense gives one to copy', () => {
  for (const pasted of [
    client,
    ` ${client} `,
    'pub-1234567890123456',
    `<script async src="https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js?client=${client}" crossorigin="anonymous"></script>`,
    'google.com, pub-1234567890123456, DIRECT, f08c47fec0942fa0',
  ])
    expect(readAdClient(pasted)).toEqual({ ok: true, id: client })
  expect(readAdClient('  ')).toEqual({ ok: true, id: undefined })
})

test('what is no account is refused, and never passed on', () => {
  for (const pasted of [
    'ca-pub-123',
    'ca-pub-12345678901234567',
    '1234567890123456',
    'ca-pub-12345678901234ab',
    '"><script>alert(1)</script>',
  ])
    expect(readAdClient(pasted).ok).toBe(false)
})

test('an ad unit is a number or the code it stands in, of the same account', () => {
  expect(readAdUnit('9876543210', client)).toEqual({ ok: true, id: '9876543210' })
  expect(readAdUnit(unitCode, client)).toEqual({ ok: true, id: '9876543210' })
  expect(readAdUnit('', client)).toEqual({ ok: true, id: undefined })
  expect(readAdUnit(unitCode, 'ca-pub-6543210987654321')).toMatchObject({
    ok: false,
    problem: expect.stringContaining('another AdSense account'),
  })
  for (const pasted of ['987654321', '98765432101', 'top banner', 'data-ad-slot="98765432101"'])
    expect(readAdUnit(pasted, client).ok).toBe(false)
})

test('ads.txt names the account without "ca-"', () => {
  expect(adsTxt(client)).toBe('google.com, pub-1234567890123456, DIRECT, f08c47fec0942fa0\n')
})

test('a policy with ads trusts what carries the nonce, keeps hashes and the rest, and opens nothing else', () => {
  const policy =
    "default-src 'self'; script-src 'self' 'sha256-abc='; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
  expect(policyWithAds(policy, 'N').split('; ')).toEqual([
    "default-src 'self'",
    "script-src 'nonce-N' 'strict-dynamic' 'unsafe-eval' 'sha256-abc='",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: https:",
    "connect-src 'self' https:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    'frame-src https:',
  ])
})
