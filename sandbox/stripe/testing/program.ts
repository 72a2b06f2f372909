import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const PROGRAM = new URL('../main.ts', import.meta.url).pathname

/** The sandbox as a process of its own. */
export type Program = {
  url: string
  child: ChildProcess
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>
}

export async function runProgram(...args: readonly string[]): Promise<Program> {
  const child = spawn(process.execPath, [PROGRAM, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => {
      resolve(JSON.parse(line).listening)
    })
    void ended.then(() => reject(new Error('The sandbox ended before it listened')))
  })
  const end = (signal: 'SIGTERM' | 'SIGKILL') => async (): Promise<void> => {
    child.kill(signal)
    await ended
  }
  return { url, child, stop: end('SIGTERM'), kill: end('SIGKILL') }
}
