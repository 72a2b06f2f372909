import { Connection, headerOf, requestBytes } from './connection.ts'
import type { Figure } from './figure.ts'
import { percentile } from './percentile.ts'
import { payByCard, pressBuy } from './purchases.ts'
import { startShop, withDatabase, type Shop } from './shop.ts'

/**
 * What a buyer waits for: from the click on "Pay" at the hosted page, through its redirect, to the page that shows the
 * goods. One buyer after the other, on the rehearsal's own Stripe, which keeps everything on disk too.
 */
export async function measurePaying(quick: boolean): Promise<Figure[]> {
  const shop = await startShop({ TRUSTED_PROXIES: '1' })
  try {
    const offer = await withDatabase(shop, async (client) => {
      const { rows } = await client.query<{ product: string; price: string }>(
        `select product_id as product, price.id as price from price join product on product.id = product_id
         where is_active and state = 'live' order by position limit 1`,
      )
      return rows[0] ?? { product: '', price: '' }
    })
    const connection = await Connection.open(shop.port)
    for (let n = 0; n < 10; n++) await buyOnce(shop, connection, offer, n) // warms up
    const times: number[] = []
    let looks = 0
    for (let n = 0; n < (quick ? 40 : 150); n++) {
      const bought = await buyOnce(shop, connection, offer, 100 + n)
      times.push(bought.ms)
      looks += bought.looks
    }
    connection.close()
    return [
      {
        name: 'pay click to goods visible, p99',
        value: percentile(times, 99),
        unit: 'ms',
        goal: { atMost: 500 },
        note: `${times.length} purchases one after the other; ${looks} times the page was asked for`,
      },
      { name: '  median', value: percentile(times, 50), unit: 'ms' },
    ]
  } finally {
    await shop.stop()
  }
}

async function buyOnce(
  shop: Shop,
  connection: Connection,
  offer: { readonly product: string; readonly price: string },
  buyer: number,
): Promise<{ ms: number; looks: number }> {
  const pressed = await connection.send(pressBuy(shop, offer, `10.1.${buyer >> 8}.${buyer & 255}`))
  const hosted = headerOf(pressed, 'location')
  if (pressed.status !== 303 || !hosted) throw new Error(`"Buy" answered ${pressed.status}.`)
  const visitor = (headerOf(pressed, 'set-cookie') ?? '').split(';')[0] ?? ''

  const began = performance.now()
  const paid = await connection.send(payByCard(new URL(hosted), { origin: shop.origin }))
  const back = headerOf(paid, 'location')
  if (paid.status !== 303 || !back)
    throw new Error(`Paying answered ${paid.status}: ${paid.body.toString('utf8', 0, 300)}`)
  const address = new URL(back, shop.origin)
  for (let looks = 1; looks <= 50; looks++) {
    const page = await connection.send(
      requestBytes('GET', address.pathname + address.search, {
        host: `localhost:${shop.port}`,
        cookie: visitor,
      }),
    )
    if (page.status !== 200) throw new Error(`The page after paying answered ${page.status}.`)
    if (page.body.includes('/downloads/')) return { ms: performance.now() - began, looks }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('The goods did not appear.')
}
