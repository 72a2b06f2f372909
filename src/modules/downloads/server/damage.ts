import {
  damagedFiles,
  inTransaction,
  log,
  markDamaged,
  markIntact,
  now,
  queueMail,
  readAgain,
  type DamagedFile,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import { fileDamagedMail } from './mails/file-damaged.ts'
import { ownerAddress, productsOfFiles } from './store.care.ts'

/** Notes that a file is damaged; the owner is told by one mail. Nothing of it is handed out until it is right again. */
export async function noteDamage(
  tx: Tx,
  file: { readonly id: string; readonly fileName: string },
  damage: string,
): Promise<void> {
  if (!(await markDamaged(tx, file.id, damage))) return
  log.error({ fileId: file.id }, `A stored file is damaged: ${damage}.`)
  const to = await ownerAddress(tx)
  if (to === undefined) return // before somebody has made the shop theirs
  const [products, since] = [await productsOfFiles(tx, [file.id]), await now(tx)]
  await queueMail(
    tx,
    fileDamagedMail({
      to,
      fileId: file.id,
      since,
      fileName: file.fileName,
      damage,
      productId: products.get(file.id)?.[0]?.productId,
    }),
  )
}

/** What one round of looking after the files reads at most; with a round every ten minutes about 14 GB a day. */
const aRound = { files: 20, bytes: 100_000_000 }

/**
 * Reads files again whose turn it is, notes what is damaged, and opens what is right again. Every file's turn comes once in
 * thirty days, a damaged one's every hour. Safe in several processes at once. Returns how many were read.
 */
export async function lookAfterFiles(db: Db): Promise<number> {
  const checked = await readAgain(db, aRound)
  for (const file of checked) {
    await inTransaction(async (tx) => {
      if (file.damage !== undefined) await noteDamage(tx, file, file.damage)
      else if (await markIntact(tx, file.id))
        log.info({ fileId: file.id }, 'A damaged file is right again.')
    })
  }
  return checked.length
}

/** What is damaged right now, with the products it belongs to; at most 100. */
export async function damage(db: Db): Promise<
  readonly (DamagedFile & {
    readonly products: readonly { readonly productId: string; readonly title: string }[]
  })[]
> {
  const files = await damagedFiles(db)
  const products = await productsOfFiles(
    db,
    files.map((file) => file.id),
  )
  return files.map((file) => ({ ...file, products: products.get(file.id) ?? [] }))
}
