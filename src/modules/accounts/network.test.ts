import { expect, test } from 'vitest'
import { networkOf, shortNetwork } from './network.ts'

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['203.0.113.9:4711', '203.0.113.9'],
  ['[2001:db8::1]:443', '2001:db8:0:0::/64'],
  ['[2001:db8::1]', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'unknown'],
  ['', 'unknown'],
  ['not an address', 'unknown'],
])('%s is of network %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('an address is shown shortened, an unknown one not at all', () => {
  expect(shortNetwork('203.0.113.77')).toBe('203.0.113.…')
  expect(shortNetwork('::ffff:203.0.113.77')).toBe('203.0.113.…')
  expect(shortNetwork('2001:db8:1:2:3::4')).toBe('2001:db8:…')
  for (const address of [undefined, null, '', 'nonsense'])
    expect(shortNetwork(address)).toBeUndefined()
})
