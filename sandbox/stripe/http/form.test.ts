import { expect, it } from 'vitest'
import { ApiError } from '../api-error.ts'
import { decodeForm } from './form.ts'

const plain = (text: string): unknown => JSON.parse(JSON.stringify(decodeForm(text)))

it.each([
  ['', {}],
  ['a=1', { a: '1' }],
  ['a', { a: '' }],
  ['a=', { a: '' }],
  ['a=b+c%20d', { a: 'b c d' }],
  ['a=1&b=2', { a: '1', b: '2' }],
  ['a=1&a=2', { a: '2' }],
  ['metadata[order]=7', { metadata: { order: '7' } }],
  ['metadata%5Border%5D=7', { metadata: { order: '7' } }],
  ['a[b][c]=1&a[b][d]=2', { a: { b: { c: '1', d: '2' } } }],
  ['expand[]=x&expand[]=y', { expand: ['x', 'y'] }],
  ['expand[0]=x&expand[1]=y', { expand: { 0: 'x', 1: 'y' } }],
  [
    'line_items[0][price]=p&line_items[0][quantity]=2',
    { line_items: { 0: { price: 'p', quantity: '2' } } },
  ],
  ['a[][b]=1&a[][b]=2', { a: [{ b: '1' }, { b: '2' }] }],
  ['metadata[a.b]=1', { metadata: { 'a.b': '1' } }],
])('reads %j', (text, tree) => {
  expect(plain(text)).toEqual(tree)
})

it('keeps a name that would reach into the prototype as a name', () => {
  const tree = decodeForm('__proto__[polluted]=1&metadata[constructor]=x')
  expect(Object.keys(tree)).toEqual(['__proto__', 'metadata'])
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

it.each([
  ['an encoding that is broken', 'a=%E0%A4'],
  ['a null character', 'a=%00'],
  ['a bracket that does not close', 'a[b=1'],
  ['a name before which there is nothing', '[a]=1'],
  ['text after a bracket', 'a[b]c=1'],
  ['a value that is text and group', 'a=1&a[b]=2'],
  ['a list that has names', 'a[]=1&a[b]=2'],
  ['a group that is also a list', 'a[b]=1&a[]=2'],
  ['nesting without end', `a${'[b]'.repeat(8)}=1`],
  ['parameters without end', 'a=1&'.repeat(1_001)],
])('refuses %s in words', (_name, text) => {
  expect(() => decodeForm(text)).toThrow(ApiError)
})
