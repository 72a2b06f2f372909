import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Ports below those that systems hand to connections of any program (from 32768 on Linux, 49152 elsewhere): one of these is still free
 * when whoever asked comes to listen on it, whatever else the machine does meanwhile.
 */
const first = 20_000
const last = 32_000
const mostTries = 100

/** A port of this machine that nobody listens on. Throws when none is found. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < mostTries; tries++) {
    const port = randomInt(first, last)
    if (await isFree(port)) return port
  }
  throw new Error(`No free port was found between ${first} and ${last}.`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
