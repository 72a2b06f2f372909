// The ceiling that pages are compared with: Node's own HTTP server answering each path with fixed bytes and headers.
// Started by pages.ts with a file of answers: { path: { headers: [name, value][], body: base64 } }.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

export interface BareAnswer {
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

const file = process.argv[2]
if (!file) throw new Error('Which file of answers?')
const told: Record<string, BareAnswer> = JSON.parse(readFileSync(file, 'utf8'))
const answers = new Map(
  Object.entries(told).map(([path, answer]) => [
    path,
    { headers: answer.headers.flat(), body: Buffer.from(answer.body, 'base64') },
  ]),
)
const server = createServer((request, response) => {
  const answer = answers.get(request.url ?? '')
  if (!answer) return response.writeHead(404).end()
  response.writeHead(200, answer.headers)
  response.end(answer.body)
})
server.keepAliveTimeout = 65_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object')
    process.stdout.write(`${JSON.stringify({ port: address.port })}\n`)
})
process.on('SIGTERM', () => process.exit(0))
