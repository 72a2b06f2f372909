// npm run rolling-deploy [rounds]: two processes of one shop behind one address that asks each for /readyz; in every round each of
// them is asked to end and a new one takes its place, while readers read and buyers buy. Nobody may be refused, and everything
// that was paid is looked for afterwards.
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { percentile } from '../bench/percentile.ts'
import type { ShopProcess } from '../test/process/shop.ts'
import { until } from '../test/until.ts'
import { ShopPair } from './shop-pair.ts'

const rounds = Number(process.argv[2] ?? 2)
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1_000) {
  process.stderr.write('npm run rolling-deploy [rounds]\n')
  process.exit(2)
}
/** The front asks every second; with two rounds to spare. */
const drainSeconds = 3
const calmMs = 8_000
const buyersAtOnce = 3
const pagesASecond = 20

const pair = new ShopPair()
const end = new AbortController()
const pages = { calm: [] as number[], rolling: [] as number[], refused: [] as string[] }
let isRolling = false
let exitCode = 1
try {
  await pair.start({ asksReady: true, environment: { DRAIN_SECONDS: String(drainSeconds) } })
  await Promise.all(['/', '/dashboard'].map((address) => fetch(`${pair.origin}${address}`)))
  const work = [read(), ...Array.from({ length: buyersAtOnce }, buy)]
  await pause(calmMs)
  const began = performance.now()
  isRolling = true
  for (let round = 0; round < rounds; round++) for (const shop of pair.shops) await replace(shop)
  isRolling = false
  const seconds = (performance.now() - began) / 1_000
  end.abort()
  await Promise.all(work)
  const problems = await pair.audit()
  const calm = percentile(pages.calm, 99)
  const rolling = percentile(pages.rolling, 99)
  const all = pages.calm.length + pages.rolling.length + pages.refused.length
  process.stdout.write(
    `${2 * rounds} processes replaced in ${seconds.toFixed(0)} s.\n` +
      `  checkouts failed   ${pair.told.cut} of ${pair.told.requests} (goal 0)\n` +
      `  pages refused      ${pages.refused.length} of ${all} (goal 0)${pages.refused.length > 0 ? `: ${pages.refused[0]}` : ''}\n` +
      `  p99 of pages       ${rolling.toFixed(0)} ms while replacing, ${calm.toFixed(0)} ms before: ${(rolling / calm).toFixed(1)} times (goal 3; new processes start on the same machine)\n` +
      `  paid               ${pair.paid.size}, ${problems.length === 0 ? 'nothing lost, nothing double' : `broken:\n${problems.map((words) => `    ${words}\n`).join('')}`}\n`,
  )
  exitCode = problems.length === 0 && pair.told.cut === 0 && pages.refused.length === 0 ? 0 : 1
} finally {
  end.abort()
  await pair.stop()
}
process.exit(exitCode)

/** As a container is replaced: asked to end, and begun anew on the same port when it has ended. */
async function replace(shop: ShopProcess): Promise<void> {
  const { pid } = shop
  process.kill(pid, 'SIGTERM')
  await until(
    'it has ended',
    () => {
      try {
        process.kill(pid, 0)
        return false
      } catch {
        return true // there is no such process any more
      }
    },
    40_000,
  )
  await shop.start()
  await pause(2_000) // the front sees it
}

async function buy(): Promise<void> {
  while (!end.signal.aborted) {
    await pair.buyAndPay()
    await pause(150)
  }
}

async function read(): Promise<void> {
  const open = new Set<Promise<void>>()
  for (let n = 0; !end.signal.aborted; n++) {
    const one: Promise<void> = readOne(n % 2 === 0 ? '/' : `/search?q=field+${n}`).finally(() =>
      open.delete(one),
    )
    open.add(one)
    await pause(1_000 / pagesASecond)
  }
  await Promise.all(open)
}

async function readOne(address: string): Promise<void> {
  const began = performance.now()
  const times = isRolling ? pages.rolling : pages.calm
  try {
    const answer = await fetch(`${pair.origin}${address}`, { signal: AbortSignal.timeout(20_000) })
    await answer.arrayBuffer()
    if (answer.ok) times.push(performance.now() - began)
    else pages.refused.push(`${address}: ${answer.status}`)
  } catch (error) {
    pages.refused.push(`${address}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
