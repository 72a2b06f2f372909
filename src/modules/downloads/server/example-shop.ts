import { Readable } from 'node:stream'
import { createProduct, publishProduct, setPrice } from '#modules/catalog/server/index.ts'
import type { Tx } from '#modules/platform/server/index.ts'
import { exampleDownloads, type ExampleDownload, type ExampleItem } from '../example-downloads.ts'
import { addFile, addItem, editWords, type ReceivedFile } from './contents.ts'
import { downloadKind } from './product-kind.ts'
import { discardFile, receiveFile } from './receive-file.ts'

/** The files of the example products, by product, item and version, stored but not yet told of by any row. */
export type ExampleFiles = ReadonlyMap<string, ReceivedFile>

const nameOf = (download: ExampleDownload, item: ExampleItem, label: string) =>
  [download.title, item.title, label].join('\n')

/** Makes and stores the files of the example products. Follow it with layOutExampleDownloads or discardExampleFiles. */
export async function prepareExampleFiles(): Promise<ExampleFiles> {
  const files = new Map<string, ReceivedFile>()
  for (const download of exampleDownloads) {
    for (const item of download.items) {
      if (item.kind !== 'file') continue
      for (const version of item.versions) {
        const received = await receiveFile(Readable.from([version.bytes()]), version.fileName)
        if (!received.ok)
          throw new Error(`${version.fileName} of the example shop: ${received.reason}`)
        files.set(nameOf(download, item, version.label), received.file)
      }
    }
  }
  return files
}

/** For when somebody else has laid the example shop out meanwhile. */
export async function discardExampleFiles(files: ExampleFiles): Promise<void> {
  for (const file of files.values()) await discardFile(file)
}

/** Lays out the example downloads, each flagged as an example, priced in the shop's currency and live. */
export async function layOutExampleDownloads(
  tx: Tx,
  files: ExampleFiles,
  currency: string,
): Promise<void> {
  for (const example of exampleDownloads) {
    const { id } = await createProduct(tx, 'system', {
      kind: downloadKind.kind,
      title: example.title,
      summary: example.summary,
      descriptionMd: example.descriptionMd,
      position: example.position,
      isExample: true,
    })
    await editWords(tx, 'system', id, example)
    for (const item of example.items) await addExampleItem(tx, id, example, item, files)
    const price = await setPrice(
      tx,
      'system',
      id,
      {
        amount: example.price,
        isOpen: example.suggested !== undefined,
        suggested: example.suggested ?? '',
      },
      currency,
    )
    if (!price.ok) throw new Error(`The price of ${example.title} was refused: ${price.reason}`)
    const published = await publishProduct(tx, 'system', id, downloadKind, currency)
    if (!published.ok) throw new Error(`${example.title} could not go live: ${published.reason}`)
  }
}

async function addExampleItem(
  tx: Tx,
  productId: string,
  example: ExampleDownload,
  item: ExampleItem,
  files: ExampleFiles,
): Promise<void> {
  if (item.kind !== 'file') {
    await addItem(tx, 'system', productId, item)
    return
  }
  let itemId: string | undefined
  for (const { label, changes } of item.versions) {
    const file = files.get(nameOf(example, item, label))
    if (!file)
      throw new Error(`A file of ${example.title} was not prepared: ${item.title} ${label}`)
    const added = await addFile(tx, 'system', productId, file, {
      ...(itemId === undefined ? {} : { itemId }),
      title: item.title,
      note: item.note,
      label,
      changes,
    })
    if (!added.ok) throw new Error(`A file of ${example.title} was refused: ${added.reason}`)
    itemId = added.itemId
  }
}
