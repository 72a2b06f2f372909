import type { Figure } from './figure.ts'
import { fixedLoad } from './load.ts'
import { browserGet } from './pages.ts'
import { cpuMs } from './processes.ts'
import { productPaths, type Shop } from './shop.ts'

const warmUp = 1_500
const requests = 1_500

/** Processor time of one page that is rendered (not kept), the server's and the database's apart. Two requests at once. */
export async function measurePageCpu(shop: Shop): Promise<Figure[]> {
  const product = (await productPaths(shop))[0] ?? '/'
  const figures: Figure[] = []
  for (const [name, address] of [
    ['front page', '/?x=1'],
    ['product page', `${product}?x=1`],
  ] as const) {
    const request = browserGet(shop, address)
    const run = async (count: number) => {
      const load = await fixedLoad({
        port: shop.port,
        connections: 2,
        requests: count,
        request: () => request,
      })
      if (load.failed > 0) throw new Error(`${name}: ${load.failure}`)
    }
    await run(warmUp)
    const { server, database } = shop.processes()
    const before = { server: cpuMs([server]), database: cpuMs(database) }
    await run(requests)
    const ofServer = (cpuMs([server]) - before.server) / requests
    const ofDatabase = (cpuMs(database) - before.database) / requests
    figures.push(
      {
        name: `processor time of a ${name}`,
        value: ofServer + ofDatabase,
        unit: 'ms',
        goal: { atMost: 1.5 },
        note: 'rendered (?x=1), compression included, background work of both too',
      },
      { name: `  of it Node`, value: ofServer, unit: 'ms' },
      { name: `  of it PostgreSQL`, value: ofDatabase, unit: 'ms' },
    )
  }
  return figures
}
