import { session } from './at-size.ts'
import { requestBytes } from './connection.ts'
import { loadData } from './load-data.ts'
import { browserGet } from './pages.ts'
import { productPaths, startShop, withDatabase, type Shop } from './shop.ts'

/** A way of asking the shop, and what share of a bare server's ceiling it should reach. */
export interface Route {
  readonly name: string
  readonly request: Buffer
  readonly share: number
}

/** A shop with years of trade in it. */
export async function startFullShop(environment: Record<string, string> = {}): Promise<Shop> {
  const shop = await startShop({ TRUSTED_PROXIES: '1', ...environment })
  await withDatabase(shop, loadData)
  return shop
}

/** The kinds of pages that goals are set for. */
export async function routesOf(shop: Shop): Promise<{
  readonly front: Route
  readonly product: Route
  readonly rendered: Route
  readonly dashboard: Route
  readonly owner: string
}> {
  const product = (await productPaths(shop))[0] ?? '/'
  const { member, owner } = await withDatabase(shop, async (client) => ({
    member: await session(client, 'member'),
    owner: await session(client, 'owner'),
  }))
  return {
    front: { name: 'front page, kept', request: browserGet(shop, '/'), share: 0.25 },
    product: { name: 'product page, kept', request: browserGet(shop, product), share: 0.25 },
    rendered: {
      name: 'product page, rendered',
      request: browserGet(shop, `${product}?x=1`),
      share: 0.08,
    },
    dashboard: {
      name: 'dashboard, signed in',
      request: requestBytes('GET', '/dashboard', {
        host: `localhost:${shop.port}`,
        cookie: member,
        accept: 'text/html',
        'accept-encoding': 'gzip, deflate, br, zstd',
      }),
      share: 0.05,
    },
    owner,
  }
}
