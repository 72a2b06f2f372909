// npm run two-processes [checkouts]: two processes of one shop on one PostgreSQL behind one address that hands requests out in turn;
// one of them is killed without warning every 20 s and started again, until so many checkouts are paid. Then everything that was
// paid is looked for. 1,000 checkouts before a release.
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { ShopPair } from './shop-pair.ts'

const wanted = Number(process.argv[2] ?? 1_000)
if (!Number.isInteger(wanted) || wanted < 1 || wanted > 100_000) {
  process.stderr.write('npm run two-processes [checkouts]\n')
  process.exit(2)
}
const killEveryMs = 20_000
const buyersAtOnce = 6

const pair = new ShopPair()
const end = new AbortController()
let kills = 0
let exitCode = 1
try {
  await pair.start({ asksReady: false })
  const began = performance.now()
  const killing = killInTurn()
  await Promise.all(Array.from({ length: buyersAtOnce }, buyUntilEnough))
  const seconds = (performance.now() - began) / 1_000
  end.abort()
  await killing
  const problems = await pair.audit()
  process.stdout.write(
    `${pair.paid.size} checkouts paid in ${seconds.toFixed(0)} s, ${kills} kills, ${pair.told.cut} of ${pair.told.requests} requests cut off and repeated by their buyer.\n` +
      (problems.length === 0
        ? 'Nothing lost, nothing double.\n'
        : `Broken:\n${problems.map((words) => `  ${words}\n`).join('')}`),
  )
  exitCode = problems.length === 0 ? 0 : 1
} finally {
  end.abort()
  await pair.stop()
}
process.exit(exitCode)

async function killInTurn(): Promise<void> {
  for (let turn = 0; ; turn++) {
    await pause(killEveryMs, undefined, { signal: end.signal }).catch(() => undefined)
    if (end.signal.aborted) return
    const victim = pair.shops[turn % 2] ?? pair.shops[0]
    await victim.kill()
    kills++
    await victim.start()
  }
}

async function buyUntilEnough(): Promise<void> {
  while (pair.paid.size < wanted) if (!(await pair.buyAndPay())) await pause(50)
}
