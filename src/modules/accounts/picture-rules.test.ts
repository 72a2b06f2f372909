import { expect, test } from 'vitest'
import { pictureType } from './picture-rules.ts'

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))

test.each([
  ['\xff\xd8\xff\xe0rest', 'jpeg'],
  ['\x89PNG\r\n\x1a\nrest', 'png'],
  ['GIF89arest', 'gif'],
  ['RIFF\x00\x00\x00\x00WEBPVP8 ', 'webp'],
  ['\x00\x00\x00\x20ftypavifrest', 'heif'],
])('%j is a picture', (head, type) => {
  expect(pictureType(bytes(head))).toBe(type)
})

test.each([
  '',
  '<svg xmlns="http://www.w3.org/2000/svg">',
  '<?xml version="1.0"?><svg>',
  '%PDF-1.7',
  'RIFF\x00\x00\x00\x00WAVEfmt ',
  '\x00\x00\x00\x20ftypheicrest',
  'PK\x03\x04',
  'PNG',
])('%j is none', (head) => {
  expect(pictureType(bytes(head))).toBeUndefined()
})
