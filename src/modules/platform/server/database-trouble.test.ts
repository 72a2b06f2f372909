import pg from 'pg'
import { expect, test } from 'vitest'
import { databaseTrouble } from './database-trouble.ts'

function ofServer(code: string): Error {
  return Object.assign(new pg.DatabaseError('words', 5, 'error'), { code })
}
const ofSystem = (code: string, syscall: string) =>
  Object.assign(new Error(code), { code, syscall })

test.each([
  ['ended by its administrator', ofServer('57P01'), 'away'],
  ['starting up', ofServer('57P03'), 'away'],
  ['too many connections', ofServer('53300'), 'away'],
  ['a statement that took too long', ofServer('57014'), 'away'],
  ['a broken connection', ofServer('08006'), 'away'],
  ['a full disk', ofServer('53100'), 'full'],
  ['a read-only server', ofServer('25006'), 'full'],
  ['refused', ofSystem('ECONNREFUSED', 'connect'), 'away'],
  ['its socket is gone', ofSystem('ENOENT', 'connect'), 'away'],
  ['silence', new Error('Query read timeout'), 'away'],
  ['no connection in time', new Error('timeout exceeded when trying to connect'), 'away'],
  ['a duplicate', ofServer('23505'), undefined],
  ['a table that is not there', ofServer('42P01'), undefined],
  ['a file that is not there', ofSystem('ENOENT', 'open'), undefined],
  ['anything else', new Error('away'), undefined],
  ['no error', 'Connection terminated', undefined],
])('%s is told as %s', (_, error, trouble) => {
  expect(databaseTrouble(error)).toBe(trouble)
})
