import { describe, expect, it } from 'vitest'
import { afterDeletion, afterTyping } from './money-typing.ts'

function typed(keys: string, digits = 2, start = ''): string {
  let text = start
  for (const key of keys) text = afterTyping(text, key, digits) ?? text + key
  return text
}

describe('typing an amount', () => {
  it('fills up from the right: 1 2 3 4 becomes 12.34 [commerce 46]', () => {
    expect(typed('1')).toBe('0.01')
    expect(typed('12')).toBe('0.12')
    expect(typed('123')).toBe('1.23')
    expect(typed('1234')).toBe('12.34')
  })
  it('takes a separator as the end of the whole part', () => {
    expect(typed('12.5')).toBe('12.5')
    expect(typed('12,50')).toBe('12,50')
    expect(typed('1200.')).toBe('1200.')
  })
  it('goes on from an amount that was there before', () => {
    expect(typed('5', 2, '12.34')).toBe('123.45')
  })
  it('leaves a currency without small units alone', () => {
    expect(typed('1200', 0)).toBe('1200')
  })
  it('knows three digits', () => {
    expect(typed('1234', 3)).toBe('1.234')
  })
  it('stops growing at eight digits', () => {
    expect(typed('1234567899999')).toBe('123456.78')
  })
  it('takes the last digit away again, down to nothing', () => {
    expect(afterDeletion('12.34', 2)).toBe('1.23')
    expect(afterDeletion('0.12', 2)).toBe('0.01')
    expect(afterDeletion('0.01', 2)).toBe('')
    expect(afterDeletion('12,5', 2)).toBeUndefined()
  })
})
