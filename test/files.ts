import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { addFile, deliverFile, receiveFile } from '#modules/downloads/server/index.ts'
import { findDeliverable } from '#modules/downloads/server/store.delivery.ts'
import { entitlementsOfLines } from '#modules/entitlements/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { aProduct, sell, type TestProduct } from './sales.ts'

// Files as tests of what happens with them need them: uploaded, sold, fetched; without a browser.

export interface TestVersion {
  readonly itemId: string
  readonly versionId: string
}

/** Uploads a file to a product: as something new, or as the next version of what `itemId` names. */
export async function addVersion(
  product: TestProduct,
  content: string | Uint8Array,
  as: { readonly itemId?: string; readonly label?: string; readonly changes?: string } = {},
): Promise<TestVersion> {
  const received = await receiveFile(Readable.from([Buffer.from(content)]), 'field-notes.pdf')
  if (!received.ok) throw new Error(received.reason)
  const added = await inTransaction((tx) => addFile(tx, 'system', product.id, received.file, as))
  if (!added.ok) throw new Error(added.reason)
  return added
}

/** A product with one file in one version. */
export async function aFileProduct(
  content: string | Uint8Array = 'the first edition',
  title = 'Field Notes',
): Promise<TestProduct & TestVersion> {
  const product = await aProduct(title)
  return { ...product, ...(await addVersion(product, content)) }
}

/** Sells it and returns the entitlement and the line it came from. */
export async function sellTo(
  product: TestProduct,
  buyer: { readonly email: string; readonly memberId?: string },
): Promise<{
  readonly entitlementId: string
  readonly lineId: string
  readonly customerId: string
}> {
  const order = await sell([product], buyer)
  const lineId = order.lines[0]?.id ?? ''
  const [entitlement] = await entitlementsOfLines(db(), [lineId])
  if (!entitlement) throw new Error('Nothing was granted.')
  return { entitlementId: entitlement.id, lineId, customerId: entitlement.customerId }
}

/** Asks for a version as a buyer's browser does, and reads the answer or breaks off; resolves when it is on record. */
export async function fetchVersion(
  entitlementId: string,
  versionId: string,
  how: { readonly range?: string; readonly breakOff?: boolean } = {},
): Promise<{ readonly status: number | string; readonly text: string }> {
  const file = await findDeliverable(db(), versionId)
  if (!file) throw new Error('There is no such version.')
  const delivery = await deliverFile(
    db(),
    file,
    { method: 'GET', range: how.range ?? null, ifRange: null, ifNoneMatch: null },
    { entitlementId, network: '203.0.113.9', userAgent: 'Mozilla/5.0 (X11; Linux) Firefox/140.0' },
  )
  if (!delivery.ok) return { status: delivery.reason, text: '' }
  const { body, status } = delivery.response
  let text = ''
  if (how.breakOff) await body?.cancel()
  // The two types of web streams, Node's and the DOM's, are the same thing.
  else if (body) text = (await buffer(body as never)).toString()
  return { status, text }
}
