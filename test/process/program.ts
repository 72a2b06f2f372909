import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { until } from '../until.ts'

const root = path.resolve(import.meta.dirname, '../..')

/** A run of the program that is watched from outside: what it says and how it ends. */
export class ProgramRun {
  readonly child: ChildProcess
  output = ''

  /**
   * command: what is run by this Node, from the root of the project. Settings of the caller's own environment are left out.
   * The run leads a process group of its own, as a command typed into a terminal does.
   */
  constructor(command: readonly string[], settings: Readonly<Record<string, string>>) {
    const { PATH = '', HOME = '', TMPDIR } = process.env
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...command], {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, HOME, ...(TMPDIR ? { TMPDIR } : {}), ...settings },
    })
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** Waits for its end; resolves to the exit code, null when a signal ended it. */
  async ended(limitMs = 60_000): Promise<number | null> {
    await until(`it ends:\n${this.output}`, () => this.hasEnded, limitMs)
    return this.child.exitCode
  }

  async said(words: RegExp, limitMs = 60_000): Promise<void> {
    await until(
      `it says ${words}`,
      () => {
        if (words.test(this.output)) return true
        if (this.hasEnded) throw new Error(`It ended without saying ${words}:\n${this.output}`)
        return false
      },
      limitMs,
    )
  }

  /** As Ctrl-C in its terminal: every process of the group gets it. */
  interrupt(): void {
    process.kill(-(this.child.pid ?? 0), 'SIGINT')
  }
}

/** Command lines of all processes that belong to the shop in this folder: itself, its database, its sandbox. */
export function processesOf(shop: { readonly dataDir: string; readonly port: number }): string[] {
  const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter(
      (line) => line.includes(shop.dataDir) || line.includes(`localhost:${shop.port}/sandbox`),
    )
}

/** The process that holds the data folder, as its lock says. */
export function holderOf(dataDir: string): number {
  const lock: { processId: number } = JSON.parse(
    readFileSync(path.join(dataDir, 'sundry.lock'), 'utf8'),
  )
  return lock.processId
}
