import { fixed } from '#modules/catalog/price-rules.ts'
import {
  createProduct,
  publishProduct,
  setPrice,
  storeProducts,
} from '#modules/catalog/server/index.ts'
import type { Tx } from '#modules/platform/server/index.ts'
import { exampleBundle } from '../example-bundle.ts'
import { addPart, bundleKind } from './index.ts'

/** Lays out the example bundle, flagged as an example and live. The products it holds are in the shop already. */
export async function layOutExampleBundle(tx: Tx, currency: string): Promise<void> {
  const { items } = await storeProducts(tx, { limit: 50, offset: 0 })
  const { id } = await createProduct(tx, 'system', {
    kind: bundleKind.kind,
    title: exampleBundle.title,
    summary: exampleBundle.summary,
    descriptionMd: exampleBundle.descriptionMd,
    position: exampleBundle.position,
    isExample: true,
  })
  for (const title of exampleBundle.parts) {
    const part = items.find((item) => item.title === title)
    if (!part) throw new Error(`${title} is not in the example shop.`)
    await addPart(tx, 'system', id, part.id)
  }
  const price = await setPrice(tx, 'system', id, fixed(exampleBundle.price), currency)
  if (!price.ok) throw new Error(`The price of ${exampleBundle.title} was refused: ${price.reason}`)
  const published = await publishProduct(tx, 'system', id, bundleKind, currency)
  if (!published.ok)
    throw new Error(`${exampleBundle.title} could not go live: ${published.reason}`)
}
