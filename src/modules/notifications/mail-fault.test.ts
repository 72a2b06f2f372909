import { expect, test } from 'vitest'
import { mailFaultOf, mailFaultWords, type MailFault } from './mail-fault.ts'

const failure = { code: '', responseCode: 0, command: '', message: '' }

test.each<[MailFault, Partial<typeof failure>]>([
  ['sign_in', { code: 'EAUTH', responseCode: 535, command: 'AUTH PLAIN' }],
  ['sign_in', { code: 'EENVELOPE', responseCode: 530, command: 'MAIL FROM' }],
  ['for_now', { code: 'EAUTH', responseCode: 454, command: 'AUTH PLAIN' }],
  ['sender', { code: 'EENVELOPE', responseCode: 553, command: 'MAIL FROM' }],
  ['reader', { code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO' }],
  ['for_now', { code: 'EENVELOPE', responseCode: 451, command: 'RCPT TO' }],
  ['content', { code: 'EMESSAGE', responseCode: 554, command: 'DATA' }],
  ['no_such_server', { code: 'EDNS', message: 'getaddrinfo ENOTFOUND smtp.example.com' }],
  ['no_connection', { code: 'ESOCKET', message: 'connect ECONNREFUSED 127.0.0.1:25' }],
  ['no_answer', { code: 'ETIMEDOUT', message: 'Connection timeout' }],
  ['no_answer', { code: 'ETIMEDOUT', message: 'Greeting never received' }],
  ['no_answer', { code: 'ELATE', message: 'The mail server did not finish within 15 s.' }],
  ['encryption', { code: 'ESOCKET', message: '0A00010B:SSL routines::wrong version number' }],
  ['encryption', { code: 'ESOCKET', message: 'self-signed certificate' }],
  ['other', { message: 'something else' }],
])('a mail that did not leave is told as %s', (fault, told) => {
  expect(mailFaultOf({ ...failure, ...told })).toBe(fault)
})

test('each of them says what to do', () => {
  for (const words of Object.values(mailFaultWords)) {
    expect(words.title).not.toBe('')
    expect(words.remedy).toMatch(/\.$/)
  }
})
