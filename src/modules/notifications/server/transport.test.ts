import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import { expect, test } from 'vitest'
import { samples } from '../../../../test/calendar-samples.ts'
import { sendBy } from './transport.ts'

const mail = {
  messageId: '<test@example.com>',
  from: 'shop@example.com',
  to: 'ada@example.com',
  replyTo: undefined,
  subject: 'A test',
  html: '<p>A test</p>',
  text: 'A test',
}

/** A mail server that answers as the scenario wants it; everything else it takes. */
async function mailServer(answers: Readonly<Record<string, string>>) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let isData = false
    socket.on('error', () => undefined) // the other side hung up, as it may
    socket.write('220 test\r\n')
    socket.on('data', (bytes) => {
      for (const line of bytes.toString('utf8').split('\r\n').filter(Boolean)) {
        if (isData && line !== '.') continue
        isData = line === 'DATA'
        const verb = line === '.' ? 'END' : (line.split(' ', 1)[0] ?? '').toUpperCase()
        const usual =
          verb === 'EHLO'
            ? '250-test\r\n250 AUTH PLAIN LOGIN'
            : verb === 'DATA'
              ? '354 go on'
              : '250 ok'
        socket.write(`${answers[verb] ?? usual}\r\n`)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A listening TCP server has an address of this form.
  const { port } = server.address() as AddressInfo
  return {
    port,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

test.each([
  ['taken', { AUTH: '235 ok' }, { ok: true }],
  ['sign_in', { AUTH: '535 5.7.8 who are you' }, { ok: false, refused: 'for_now' }],
  ['sender', { AUTH: '235 ok', MAIL: '553 not your address' }, { ok: false, refused: 'for_good' }],
  ['reader', { AUTH: '235 ok', RCPT: '550 no such user' }, { ok: false, refused: 'for_good' }],
  ['for_now', { AUTH: '235 ok', RCPT: '451 come back later' }, { ok: false, refused: 'for_now' }],
  ['content', { AUTH: '235 ok', END: '554 spam' }, { ok: false, refused: 'for_good' }],
] as const)('a test mail tells what the server made of it: %s', async (fault, answers, told) => {
  const server = await mailServer(answers)
  try {
    const sent = await sendBy(`smtp://shop:secret@127.0.0.1:${server.port}`, mail)
    expect(sent).toMatchObject(told)
    if (!sent.ok) expect(sent.fault).toBe(fault)
  } finally {
    await server.close()
  }
})

test('a port where nobody listens is told as such', async () => {
  const server = await mailServer({})
  await server.close()
  const sent = await sendBy(`smtp://127.0.0.1:${server.port}`, mail)
  expect(sent).toMatchObject({ ok: false, fault: 'no_connection' })
})

test('a calendar file goes along as an alternative of the mail and as a file', async () => {
  let received = Buffer.alloc(0)
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        received = Buffer.concat(chunks)
        done()
      })
    },
  })
  const listening = server.listen(0, '127.0.0.1')
  try {
    await once(listening, 'listening')
    // A listening TCP server has an address of this form.
    const { port } = listening.address() as AddressInfo
    for (const { method, file } of samples) {
      const calendar = { method: method === 'CANCEL' ? 'CANCEL' : 'REQUEST', file } as const
      const sent = await sendBy(`smtp://127.0.0.1:${port}`, { ...mail, calendar })
      expect(sent).toMatchObject({ ok: true })
      const raw = received.toString('latin1')
      expect(raw).toContain(`Content-Type: text/calendar; charset=utf-8; method=${method}`)
      expect(raw).toContain('multipart/alternative')
      const read = await PostalMime.parse(received)
      expect(read.text?.trim()).toBe('A test')
      expect(read.html).toContain('<p>A test</p>')
      expect(read.attachments.map(({ mimeType }) => mimeType).sort()).toEqual([
        'application/ics',
        'text/calendar',
      ])
      // The parser ends lines in its own way; on the wire they are as they were.
      for (const { content } of read.attachments) {
        const text = typeof content === 'string' ? content : new TextDecoder().decode(content)
        expect(text.trim().split(/\r?\n/)).toEqual(file.trim().split('\r\n'))
      }
      const [, encoded = ''] = /filename=invite\.ics[^]*?\r\n\r\n([\w+/=\r\n]+)/.exec(raw) ?? []
      expect(Buffer.from(encoded, 'base64').toString()).toBe(file)
      expect(read.attachments.map(({ filename }) => filename)).toContain('invite.ics')
    }
  } finally {
    server.close()
  }
})
