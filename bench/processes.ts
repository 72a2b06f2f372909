import { readdirSync, readFileSync } from 'node:fs'

/** Ticks of the processor clock a second, as /proc counts them (sysconf(_SC_CLK_TCK); 100 on every Linux that Node runs on). */
const ticksPerSecond = 100

interface ProcessFacts {
  readonly id: number
  readonly parent: number
  readonly cpuTicks: number
}

function factsOf(id: number): ProcessFacts | undefined {
  const text = read(`/proc/${id}/stat`)
  if (text === undefined) return undefined
  // The command's name stands in brackets and may hold anything; the fields after it are counted from 3.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => Number(fields[number - 3])
  return { id, parent: field(4), cpuTicks: field(14) + field(15) }
}

/** A process may end between being listed and being read. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function all(): ProcessFacts[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => factsOf(Number(name)) ?? [])
}

export function childrenOf(parent: number): number[] {
  return all()
    .filter((one) => one.parent === parent)
    .map((one) => one.id)
}

export function commandOf(id: number): string {
  return (read(`/proc/${id}/cmdline`) ?? '').replaceAll('\0', ' ')
}

/** Processor time these processes have used so far, in milliseconds. Those that ended count nothing. */
export function cpuMs(ids: readonly number[]): number {
  const ticks = ids.reduce((sum, id) => sum + (factsOf(id)?.cpuTicks ?? 0), 0)
  return (ticks / ticksPerSecond) * 1000
}

/** Proportional set size in MB: memory shared with other processes counts by its share. */
export function memoryMb(ids: readonly number[]): number {
  const kilobytes = ids.reduce(
    (sum, id) =>
      sum + Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${id}/smaps_rollup`) ?? '')?.[1] ?? 0),
    0,
  )
  return kilobytes / 1024
}
