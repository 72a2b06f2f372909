import { spawn, type ChildProcess } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'

export const root = path.resolve(import.meta.dirname, '..')

export interface Child {
  readonly processId: number
  /** The line that said it is ready. */
  readonly line: string
  /** Asks it to end and waits; after 20 s it is killed. */
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()

/** Ends everything that was started here, at once: for a bench that ends before its time. */
export function stopChildren(): void {
  for (const child of running) child.kill('SIGTERM')
}

/**
 * Starts a TypeScript program of this project as a process of its own and waits for a line of its output.
 * Throws with what it printed when it ends before, or is not ready within limitMs.
 */
export function startChild(
  script: string,
  options: {
    readonly args?: readonly string[]
    readonly nodeArgs?: readonly string[]
    readonly environment?: Readonly<Record<string, string>>
    readonly isReady: (line: string) => boolean
    readonly limitMs?: number
  },
): Promise<Child> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        ...(options.nodeArgs ?? []),
        path.join(root, script),
        ...(options.args ?? []),
      ],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...options.environment },
      },
    )
    running.add(child)
    const said: string[] = []
    const remember = (line: string) => {
      if (said.push(line) > 40) said.shift()
    }
    const limit = setTimeout(
      () => fail(`${script} was not ready in time`),
      options.limitMs ?? 60_000,
    )
    const fail = (why: string) => {
      clearTimeout(limit)
      child.kill('SIGTERM')
      reject(new Error(`${why}:\n${said.join('\n')}`))
    }
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code) => {
      running.delete(child)
      fail(`${script} ended with code ${code}`)
    })
    createInterface({ input: child.stderr }).on('line', remember)
    createInterface({ input: child.stdout }).on('line', (line) => {
      remember(line)
      if (!options.isReady(line)) return
      clearTimeout(limit)
      resolve({ processId: child.pid ?? 0, line, stop: () => stop(child) })
    })
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const limit = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await ended
  clearTimeout(limit)
}
