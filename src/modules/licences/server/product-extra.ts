import type { ProductExtra } from '#modules/catalog/product-extra.ts'
import type { PaidLine } from '#modules/catalog/product-kind.ts'
import { writeKey } from '../key.ts'
import { giveKey } from './give.ts'
import { copyOffer, letGoBut, licencesOfSources, lockLicences, setQuantity } from './store.ts'

/** Licence keys, as selling knows them. */
export const licenceExtra: ProductExtra = {
  async fulfil(tx, line) {
    await giveKey(tx, line.productId, line.source)
  },

  async resize(tx, line, left) {
    // All went back: the key closes with the line, or stays with it where the owner lets it. Its seats wait for either.
    if (left < 1) return
    const { kind, id } = line.source
    for (const licence of await lockLicences(tx, { kind, sourceIds: [id] })) {
      await letGoBut(tx, licence.id, licence.seatsEach * left)
      await setQuantity(tx, licence.id, left)
    }
  },

  async moved(tx, lines) {
    for (const [kind, sourceIds] of sources(lines))
      for (const licence of await lockLicences(tx, { kind, sourceIds }))
        await letGoBut(tx, licence.id, 0)
  },

  async receiptRows(db, lines) {
    const rows: { label: string; value: string }[] = []
    for (const [kind, sourceIds] of sources(lines))
      for (const licence of await licencesOfSources(db, kind, sourceIds))
        rows.push({
          label: `Licence key for ${licence.title}`,
          value: writeKey(licence.prefix, licence.code),
        })
    return rows
  },

  copy: copyOffer,
}

function sources(lines: readonly PaidLine[]) {
  const byKind = Map.groupBy(lines, (line) => line.source.kind)
  return [...byKind].map(([kind, own]) => [kind, own.map((line) => line.source.id)] as const)
}
