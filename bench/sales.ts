import { Connection, headerOf, type Reply } from './connection.ts'
import { anOffer, pressBuy } from './purchases.ts'
import { startShop, withDatabase, type Shop } from './shop.ts'
import { settingsFor, startStandIn, type StandInManners } from './stand-in.ts'

export type Offer = Awaited<ReturnType<typeof anOffer>>

/** A shop that takes a stand-in with these manners for Stripe, with one thing to sell. */
export async function startSellingShop(
  manners: StandInManners,
  environment: Readonly<Record<string, string>> = {},
) {
  const provider = await startStandIn(manners)
  const shop = await startShop({ ...settingsFor(provider, 10_000), ...environment })
  await provider.deliverTo(`http://127.0.0.1:${shop.port}/webhooks/stripe`)
  return {
    provider,
    shop,
    offer: await anOffer(shop),
    async stop() {
      await shop.stop()
      await provider.stop()
    },
  }
}

/** Each buyer comes from a network of its own. */
export function buyRequest(shop: Shop, offer: Offer, buyer: number): Buffer {
  return pressBuy(shop, offer, `10.${(buyer >> 16) & 255}.${(buyer >> 8) & 255}.${buyer & 255}`)
}

export const isSentToPay = (reply: Reply) =>
  reply.status === 303 && (headerOf(reply, 'location') ?? '').startsWith('http://127.0.0.1')

/** Opens so many checkouts, eight at once, and returns the addresses to pay them at. */
export async function openCheckouts(shop: Shop, offer: Offer, count: number): Promise<URL[]> {
  const addresses: URL[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const connection = await Connection.open(shop.port)
      while (next < count) {
        const reply = await connection.send(buyRequest(shop, offer, next++))
        if (!isSentToPay(reply)) throw new Error(`"Buy" answered ${reply.status}.`)
        addresses.push(new URL(headerOf(reply, 'location') ?? ''))
      }
      connection.close()
    }),
  )
  return addresses
}

/** Pays at the stand-in, in the order of the addresses. */
export async function payAll(
  addresses: readonly URL[],
  payment: (address: URL) => Buffer,
): Promise<void> {
  const first = addresses[0]
  if (!first) return
  const connection = await Connection.open(Number(first.port))
  for (const address of addresses) await connection.send(payment(address))
  connection.close()
}

/** How many checkouts are fulfilled. */
export function fulfilled(shop: Shop): Promise<number> {
  return countOf(shop, `select count(*) from payment_effect where kind = 'fulfil'`)
}

export function countOf(shop: Shop, sql: string): Promise<number> {
  return withDatabase(shop, async (client) =>
    Number((await client.query<{ n: string }>(`select (${sql}) as n`)).rows[0]?.n),
  )
}
