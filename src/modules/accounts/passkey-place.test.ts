import { expect, test } from 'vitest'
import { passkeyPlace } from './passkey-place.ts'

test.each([
  ['https://shop.example', { rpId: 'shop.example', origin: 'https://shop.example' }],
  ['https://shop.example:8443/', { rpId: 'shop.example', origin: 'https://shop.example:8443' }],
  ['http://localhost:3000', { rpId: 'localhost', origin: 'http://localhost:3000' }],
  ['http://shop.localhost', { rpId: 'shop.localhost', origin: 'http://shop.localhost' }],
])('%s is a place for passkeys', (origin, place) => expect(passkeyPlace(origin)).toEqual(place))

test.each([
  'http://shop.example',
  'http://127.0.0.1:3000',
  'https://192.0.2.7',
  'https://[2001:db8::1]',
])('%s is none: browsers refuse', (origin) => expect(passkeyPlace(origin)).toBeUndefined())
