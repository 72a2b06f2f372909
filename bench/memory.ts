import { Connection } from './connection.ts'
import type { Figure } from './figure.ts'
import { browserGet } from './pages.ts'
import { memoryMb } from './processes.ts'
import { productPaths, startShop } from './shop.ts'

/** Memory a while after the start, with a few pages served: what a cheap machine must have to spare. */
export async function measureMemory(quick: boolean): Promise<Figure[]> {
  const seconds = quick ? 10 : 60
  const shop = await startShop()
  try {
    const connection = await Connection.open(shop.port)
    for (const address of [
      '/',
      '/?x=1',
      ...(await productPaths(shop)),
      '/search?q=field',
      '/nowhere',
    ])
      await connection.send(browserGet(shop, address))
    connection.close()
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    const { server, database, sandbox } = shop.processes()
    const ofServer = memoryMb([server])
    const ofDatabase = memoryMb(database)
    return [
      {
        name: `memory ${seconds} s after the start`,
        value: ofServer + ofDatabase,
        unit: 'MB',
        goal: { atMost: 200 },
        note: 'sum of PSS over Node and PostgreSQL',
      },
      { name: '  of it Node', value: ofServer, unit: 'MB' },
      {
        name: '  of it PostgreSQL',
        value: ofDatabase,
        unit: 'MB',
        note: `${database.length} processes`,
      },
      { name: '  the rehearsal Stripe beside it', value: memoryMb(sandbox), unit: 'MB' },
    ]
  } finally {
    await shop.stop()
  }
}
