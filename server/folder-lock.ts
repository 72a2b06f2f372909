import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
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
  // Each try finds the place free, held, or left by the dead; who clears it is one at a time.
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
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
    if (holder && isThere(holder)) return { ok: false, heldBy: holder }
    if (!removeDeadLock(file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  }
  return {
    ok: false,
    heldBy: readHolder(file) ?? { processId: 0, address: 'unknown', since: mine.since },
  }
}

const mostAttempts = 30
/** Clearing takes a moment; who has not ended it by then was killed while at it. */
const clearingLimitMs = 5_000

/**
 * Removes a lock whose holder is dead. One process at a time, and the lock is read again by it: what the other found dead
 * may be the first one's own by now. False: somebody else is at it.
 */
function removeDeadLock(file: string): boolean {
  const clearing = `${file}.clearing`
  try {
    mkdirSync(clearing)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const since = statSync(clearing, { throwIfNoEntry: false })?.mtimeMs
    if (since !== undefined && Date.now() - since > clearingLimitMs)
      rmSync(clearing, { recursive: true, force: true })
    return false
  }
  try {
    const holder = readHolder(file)
    if (!holder || !isThere(holder)) rmSync(file, { force: true })
    return true
  } finally {
    rmSync(clearing, { recursive: true, force: true })
  }
}

function isThere(holder: Holder): boolean {
  return beganAt(holder.processId) === holder.began
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
