import type { AddressInfo, Socket } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** How the mail server behaves. Faults about a reader strike those whose address begins with the word of the fault. */
export type SinkMood =
  | 'well'
  /** Refused with 451 at the first try of each mail, as greylisting does. */
  | 'greylist'
  /** Refused with 550: there is no such reader. Only addresses that begin with "nobody". */
  | 'rejects some'
  /** Takes the mail whole, keeps it, and cuts the connection instead of saying yes. */
  | 'drops after data'
  /** Takes its time before it says yes: 10 s. */
  | 'slow'
  /** Says hello and then nothing more. */
  | 'hangs'

export interface SinkMail {
  readonly messageId: string
  readonly to: string
  readonly subject: string
}

/** A mail server that takes everything, remembers it, and misbehaves when it is told to. */
export class SmtpSink {
  readonly mails: SinkMail[] = []
  mood: SinkMood = 'well'
  /** How many answers are being held back: by slowness, or for ever. */
  heldBack = 0
  #port = 0
  #server: SMTPServer | undefined
  readonly #seenBefore = new Set<string>()
  readonly #sockets = new Set<Socket>()

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`
  }

  /** Listens, at the same address each time. */
  async open(): Promise<void> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      closeTimeout: 100,
      onMailFrom: (_address, _session, done) => {
        if (this.mood === 'hangs') this.heldBack++
        else done()
      },
      onRcptTo: ({ address }, _session, done) => {
        if (this.mood === 'rejects some' && address.startsWith('nobody'))
          return done(refusal(550, 'No such mailbox here'))
        if (this.mood === 'greylist' && !this.#seenBefore.has(address)) {
          this.#seenBefore.add(address)
          return done(refusal(451, 'Greylisted, come back later'))
        }
        done()
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          void PostalMime.parse(Buffer.concat(chunks)).then((mail) => {
            this.mails.push({
              messageId: mail.messageId ?? '',
              to: mail.to?.[0]?.address ?? '',
              subject: mail.subject ?? '',
            })
            if (this.mood === 'drops after data') {
              for (const socket of this.#sockets)
                if (socket.remotePort === session.remotePort) socket.destroy()
            } else if (this.mood === 'slow') {
              this.heldBack++
              setTimeout(done, 10_000).unref()
            } else done()
          })
        })
      },
    })
    // Whoever is cut off in the middle of a mail resets the connection.
    server.on('error', () => undefined)
    server.server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    // A server that listens on a port has an address of this form.
    this.#port = (server.server.address() as AddressInfo).port
    this.#server = server
  }

  /** Cuts every connection that stands. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Connections are refused from now on; those that stand are cut. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    this.cut()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
}

function refusal(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode })
}
