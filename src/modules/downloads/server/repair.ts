import { isId } from '#modules/platform/ids.ts'
import { discardBytes, inTransaction, putRight, audit } from '#modules/platform/server/index.ts'
import { acting } from '#modules/catalog/server/index.ts'
import type { Keeper } from '#modules/catalog/types.ts'
import { discardFile } from './receive-file.ts'
import type { ReceivedFile } from './contents.ts'
import { fileOfVersion } from './store.care.ts'

export type RepairResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_found' | 'other_bytes' }

/**
 * Puts a damaged version right with a file that was received again: taken when it is the same to the last bit, so that nobody
 * ever gets other bytes under the same version. other_bytes: it is another file, which may become a new version. What was
 * received and is not taken is discarded, and so are the damaged bytes. On record.
 */
export async function repairVersion(
  by: Keeper,
  of: { readonly productId: string; readonly itemId: string; readonly versionId: string },
  received: ReceivedFile,
): Promise<RepairResult> {
  const result = await inTransaction(async (tx) => {
    if (!Object.values(of).every(isId)) return { ok: false, reason: 'not_found' } as const
    const fileId = await fileOfVersion(tx, of)
    if (fileId === undefined) return { ok: false, reason: 'not_found' } as const
    const oldKey = await putRight(tx, fileId, received.bytes)
    if (oldKey === undefined) return { ok: false, reason: 'other_bytes' } as const
    await audit(tx, {
      actor: acting(by),
      action: 'file.put_right',
      subject: { kind: 'product', id: of.productId },
      detail: { file: received.bytes.fileName, version: of.versionId },
    })
    return { ok: true, oldKey } as const
  })
  if (!result.ok) {
    await discardFile(received)
    return result
  }
  // What a kill leaves here is swept.
  await discardBytes([result.oldKey])
  return { ok: true }
}
