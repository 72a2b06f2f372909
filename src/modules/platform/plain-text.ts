import { z } from 'zod'

/**
 * Signs that turn the direction of what follows: with them "gpj.exe" reads "exe.jpg", and a name turns the line it stands in.
 * Letters of every script find their direction without (Unicode UAX 9, 2.7).
 */
const directionSigns = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text on one line as it is stored: composed letters, no control or direction signs, single spaces. */
export function oneLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(directionSigns, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
}

/** Text on several lines as it is stored: composed letters, line breaks as \n, no other control signs but tabs. */
export function manyLines(text: string): string {
  return (
    text
      .normalize('NFC')
      .replace(/\r\n?/g, '\n')
      // PostgreSQL takes no NUL, and the others have no place in a text.
      // oxlint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
      .trimEnd()
  )
}

/** A form field of one line with at most so many characters; missing = empty. */
export function lineField(most: number) {
  return textField(most, oneLine)
}

/** A form field of several lines with at most so many characters; missing = empty. */
export function linesField(most: number) {
  return textField(most, manyLines)
}

function textField(most: number, clean: (text: string) => string) {
  const words = `Please shorten this to ${most.toLocaleString('en')} characters.`
  // Looked at in full only when cleaning it can still help.
  return z
    .string()
    .max(2 * most + 1_000, words)
    .default('')
    .transform(clean)
    .refine((text) => text.length <= most, words)
}
