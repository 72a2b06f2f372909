import { expect, test } from 'vitest'
import { imageFileId, imageTypeOf, variantWidths } from './image-rules.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

test.each([
  ['\xff\xd8\xff\xe0', 'jpeg'],
  ['\x89PNG\r\n\x1a\n', 'png'],
  ['GIF89a', 'gif'],
  ['RIFF\0\0\0\0WEBPVP8 ', 'webp'],
  ['\0\0\0\x1cftypavif', 'avif'],
  ['<svg xmlns="http://www.w3.org/2000/svg">', undefined],
  ['<?xml version="1.0"?><svg/>', undefined],
  ['%PDF-1.7', undefined],
  ['PK\x03\x04', undefined],
  ['MZ\x90', undefined],
  ['\0\0\0\x18ftypheic', undefined],
  ['RIFF\0\0\0\0WAVE', undefined],
  ['', undefined],
])('%j is told as %s', (start, type) => {
  expect(imageTypeOf(bytes(start))).toBe(type)
})

test.each([
  [5000, [320, 640, 960, 1280, 1920]],
  [1920, [320, 640, 960, 1280, 1920]],
  [1000, [320, 640, 1000]],
  [1300, [320, 640, 960, 1300]],
  [300, [300]],
  [1, [1]],
])('a picture %i px wide is kept in %j', (width, kept) => {
  expect(variantWidths(width)).toEqual(kept)
})

test.each([
  ['018f0000-0000-7000-8000-000000000000.webp', 'webp'],
  ['018f0000-0000-7000-8000-000000000000.jpg', 'jpeg'],
])('%s is the address of a picture', (name, format) => {
  expect(imageFileId(name)?.format).toBe(format)
})

test.each([
  '018f0000-0000-7000-8000-000000000000',
  '018f0000-0000-7000-8000-000000000000.svg',
  '018f0000-0000-7000-8000-000000000000.webp/..',
  '../018f0000-0000-7000-8000-000000000000.webp',
  '.webp',
])('%s is not', (name) => {
  expect(imageFileId(name)).toBeUndefined()
})
