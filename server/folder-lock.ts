import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import path from 'node:path'

export type LockResult =
  | { readonly ok: true; release(): void }
  | {
      readonly ok: false
      readonly heldBy: {
        readonly processId: number
        readonly address: string
        readonly since: string
      }
    }

interface Holder {
  readonly processId: number
  /** When that process began, as the system tells it: a number that was given out again is not the same process. */
  readonly began: string
  readonly address: string
  readonly since: string
}

/**
 * Makes this process the only Sundry that works in a folder. A lock left behind by a killed process is taken over.
 * address: where this process will serve, shown to whoever comes second.
 */
export function lockFolder(folder: string, address: string): LockResult {
  const file = path.join(folder, 'sundry.lock')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const mine: Holder = {
    processId: process.pid,
    began: beganAt(process.pid) ?? '',
    address,
    since: new Date().toISOString(),
  }
  // Two tries: the second after removing a dead holder's file. If somebody else was faster, they hold it.
  for (let attempt = 0; attempt < 2; attempt++) {
    // Written aside and linked into place: nobody ever reads half a lock and takes it for a dead one.
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 })
    try {
      linkSync(draft, file)
      return { ok: true, release: () => release(file) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(draft, { force: true })
    }
    const holder = readHolder(file)
    if (holder && beganAt(holder.processId) === holder.began) return { ok: false, heldBy: holder }
    rmSync(file, { force: true })
  }
  return {
    ok: false,
    heldBy: readHolder(file) ?? { processId: 0, address: 'unknown', since: mine.since },
  }
}

function release(file: string): void {
  if (readHolder(file)?.processId === process.pid) rmSync(file, { force: true })
}

function readHolder(file: string): Holder | undefined {
  if (!existsSync(file)) return undefined
  try {
    const holder: Holder = JSON.parse(readFileSync(file, 'utf8'))
    return typeof holder.processId === 'number' ? holder : undefined
  } catch {
    return undefined // cut off in the middle of writing: its writer is gone
  }
}

/** Start of a process, undefined when there is none of that number. */
function beganAt(processId: number): string | undefined {
  if (process.platform === 'linux') {
    const file = `/proc/${processId}/stat`
    if (!existsSync(file)) return undefined
    // The command's name stands in brackets and may hold anything; field 22, counted after it, is the start.
    const afterName = readFileSync(file, 'utf8').split(') ').at(-1) ?? ''
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${afterName.split(' ')[19]}`
  }
  if (process.platform === 'win32') {
    try {
      process.kill(processId, 0)
      return 'running'
    } catch {
      return undefined
    }
  }
  const result = spawnSync('ps', ['-o', 'lstart=', '-p', String(processId)], { encoding: 'utf8' })
  return result.status === 0 ? result.stdout.trim() : undefined
}
