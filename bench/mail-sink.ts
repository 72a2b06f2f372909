import { SMTPServer } from 'smtp-server'

/** A mail server that takes its time for each mail and forgets it. */
export async function startMailSink(takesMs: number): Promise<{
  readonly url: string
  /** Mails taken so far. */
  taken(): number
  stop(): Promise<void>
}> {
  let taken = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      stream.resume()
      stream.on('end', () =>
        setTimeout(() => {
          taken++
          done()
        }, takesMs),
      )
    },
  })
  server.on('error', () => undefined) // who is killed in the middle of a mail resets the connection
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.server.address()
  return {
    url: `smtp://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`,
    taken: () => taken,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
