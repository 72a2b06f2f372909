// npm run bench [name ...] [--quick]: measures what was promised and prints each figure beside its goal. Without names: all but
// the long ones (ceilings, ratios, doors-open, soak [minutes]).
// Only addresses of this machine are spoken to; everything ends by itself within minutes.
import { mkdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { buildWhenStale } from '../server/build.ts'
import { root, stopChildren } from './child.ts'
import { figureWords, isMet, type Figure } from './figure.ts'
import { measurePageCpu } from './page-cpu.ts'
import { measureAtSize, sizeWords } from './at-size.ts'
import { measureMemory } from './memory.ts'
import { measurePaying } from './paying.ts'
import { measureSandbox } from './sandbox.ts'
import { measureCeilings } from './ceilings.ts'
import { measureDoorsOpen } from './doors-open.ts'
import { measureRatios, ratioSections } from './ratios.ts'
import { measureStart } from './start.ts'
import { measurePages } from './pages.ts'
import { measurePosts } from './posts.ts'
import { measurePurchases } from './purchases.ts'
import { measureSlots } from './slots.ts'
import { measureSoak } from './soak.ts'
import { startShop, stopShops, type Shop } from './shop.ts'
import { measureWebhooks } from './webhooks.ts'

const wholeLimitMs = 30 * 60_000
/** npm run bench soak 120: for how many minutes. */
const soakMinutes = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 60)
/** Parts that are asked for by name alone: each takes longer than all others together. */
const long = new Set(['ceilings', 'ratios', 'doors-open', 'soak'])

interface Part {
  readonly name: string
  readonly data: string
  run(shop: () => Promise<Shop>, options: { quick: boolean }): Promise<Figure[]>
}

const parts: readonly Part[] = [
  {
    name: 'purchases',
    data: 'example shop',
    run: (_shop, { quick }) => measurePurchases(quick),
  },
  {
    name: 'webhooks',
    data: 'example shop',
    run: (_shop, { quick }) => measureWebhooks(quick),
  },
  { name: 'pages', data: 'example shop', run: async (shop) => measurePages(await shop()) },
  { name: 'cpu', data: 'example shop', run: async (shop) => measurePageCpu(await shop()) },
  { name: 'posts', data: 'example shop', run: (_shop, { quick }) => measurePosts(quick) },
  { name: 'slots', data: 'drawn by lot', run: async (_shop, { quick }) => measureSlots(quick) },
  { name: 'paying', data: 'example shop', run: (_shop, { quick }) => measurePaying(quick) },
  { name: 'sandbox', data: 'empty', run: (_shop, { quick }) => measureSandbox(quick) },
  { name: 'start', data: 'example shop', run: () => measureStart() },
  { name: 'memory', data: 'example shop', run: (_shop, { quick }) => measureMemory(quick) },
  { name: 'size', data: sizeWords, run: () => measureAtSize() },
  {
    name: 'doors-open',
    data: 'one product',
    run: (_shop, { quick }) => measureDoorsOpen(quick),
  },
  {
    name: 'soak',
    data: sizeWords,
    run: (_shop, { quick }) => measureSoak(quick ? 2 : soakMinutes),
  },
  {
    name: 'ratios',
    data: sizeWords,
    run: (_shop, { quick }) =>
      measureRatios(quick, sections.length > 0 ? sections : quick ? withoutSize : ratioSections),
  },
  { name: 'ceilings', data: sizeWords, run: (_shop, { quick }) => measureCeilings(quick) },
]

const words = process.argv.slice(2).filter((word) => !/^(?:--|\d+$)/.test(word))
/** npm run bench ratios draining: some of them alone. */
const sections = words.includes('ratios')
  ? ratioSections.filter((section) => words.includes(section))
  : []
const withoutSize = ratioSections.filter((section) => section !== 'size')
const wanted = words.filter((word) => !sections.some((section) => section === word))
const quick = process.argv.includes('--quick')
const unknown = wanted.filter((name) => !parts.some((part) => part.name === name))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no part ${unknown.join(', ')}. Parts: ${parts.map((part) => part.name).join(', ')}\n`,
  )
  process.exit(1)
}

const limitMs = wholeLimitMs + (wanted.includes('soak') ? soakMinutes * 60_000 : 0)
const limit = setTimeout(() => {
  process.stderr.write(`The bench took longer than ${limitMs / 60_000} minutes and was stopped.\n`)
  stopChildren()
  process.exit(1)
}, limitMs)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopChildren()
    process.exit(130)
  })
}

const machine = `${os.cpus().length} x ${os.cpus()[0]?.model ?? 'unknown'}, ${Math.round(os.totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`
const database = 'embedded PostgreSQL, durable (fsync on)'
process.stdout.write(
  `${machine}; ${database}; ${new Date().toISOString()}; other load ${os.loadavg()[0]?.toFixed(1)}\n`,
)

let failed = false
const results: object[] = []
try {
  await buildWhenStale(root, (words) => process.stderr.write(`${words}\n`))
  // Parts that only read share one shop.
  let shared: Promise<Shop> | undefined
  const shop = () => (shared ??= startShop())
  for (const part of parts) {
    if (wanted.length > 0 ? !wanted.includes(part.name) : long.has(part.name)) continue
    process.stdout.write(`\n== ${part.name} (${part.data})\n`)
    const began = performance.now()
    try {
      for (const figure of await part.run(shop, { quick })) {
        process.stdout.write(`${figureWords(figure)}\n`)
        results.push({
          part: part.name,
          ...figure,
          met: isMet(figure),
          machine,
          database,
          data: part.data,
          date: new Date().toISOString(),
          otherLoad: os.loadavg()[0],
        })
      }
    } catch (error) {
      failed = true
      process.stdout.write(`FAILED: ${error instanceof Error ? error.message : String(error)}\n`)
    }
    process.stdout.write(`   (${((performance.now() - began) / 1000).toFixed(0)} s)\n`)
  }
} finally {
  clearTimeout(limit)
  await stopShops()
}
const folder = path.join(root, 'test-results')
mkdirSync(folder, { recursive: true })
writeFileSync(path.join(folder, 'bench.json'), `${JSON.stringify(results, undefined, 2)}\n`)
// A goal that is not met is told, not failed: other machines are other machines. What could not be measured is a failure.
process.exit(failed ? 1 : 0)
