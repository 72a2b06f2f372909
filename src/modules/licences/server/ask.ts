import { networkOf } from '#modules/accounts/network.ts'
import {
  db,
  inTransaction,
  sha256,
  useLimit,
  type Limit,
  type Tx,
} from '#modules/platform/server/index.ts'
import { reasonWords, refusal, type LicenceAnswer, type LicenceReason } from '../answers.ts'
import { readKey } from '../key.ts'
import type { KeyQuestion } from '../schemas.ts'
import {
  findStanding,
  letGoInstance,
  lockLicences,
  noteSeen,
  takeSeat,
  type Standing,
} from './store.ts'

const asksByNetwork: Limit = { name: 'licence:network', most: 300, windowSeconds: 60 }
const asksByKey: Limit = { name: 'licence:key', most: 60, windowSeconds: 60 }

/** Counts a question: of one network, and about one key. undefined: within the limits; else seconds to wait. */
export async function mayAskAboutKey(network: string, typed: string): Promise<number | undefined> {
  const byNetwork = await useLimit(asksByNetwork, networkOf(network))
  if (!byNetwork.ok) return byNetwork.retryAfterSeconds
  const code = readKey(typed)
  if (code === undefined) return undefined
  const byKey = await useLimit(asksByKey, sha256(code))
  return byKey.ok ? undefined : byKey.retryAfterSeconds
}

/** Whether a key opens the product it is asked about, and, where an instance is named, is activated there. */
export async function verifyKey(asked: KeyQuestion): Promise<LicenceAnswer> {
  const code = readKey(asked.key)
  if (code === undefined) return refusal('mistyped')
  const found = await findStanding(db(), code, seatOf(asked))
  if (found?.activationId) await noteSeen(db(), found.activationId)
  const reason = reasonAgainst(found)
  const isSeatless = Boolean(asked.instance) && !found?.activationId
  return answer(found, reason ?? (isSeatless ? 'not_activated' : null))
}

/** Takes a seat for the instance. One that has a seat keeps it, however often it asks. */
export async function activateKey(
  asked: KeyQuestion & { readonly instance: string },
): Promise<LicenceAnswer> {
  const code = readKey(asked.key)
  if (code === undefined) return refusal('mistyped')
  return inTransaction(async (tx) => {
    await lockLicences(tx, { code })
    const before = await findStanding(tx, code, seatOf(asked))
    const reason = reasonAgainst(before)
    if (!before || reason) return answer(before, reason ?? 'unknown')
    if (!before.activationId && before.seatsUsed >= before.seats) return answer(before, 'no_seats')
    await takeSeat(tx, before.id, asked.instance, asked.name ?? '')
    return answer(await findStanding(tx, code, seatOf(asked)), null)
  })
}

/** Lets the instance's seat go, whether the key still opens or not. One that has none is told the same. */
export async function deactivateKey(
  asked: KeyQuestion & { readonly instance: string },
): Promise<LicenceAnswer> {
  const code = readKey(asked.key)
  if (code === undefined) return refusal('mistyped')
  return inTransaction(async (tx: Tx) => {
    const [licence] = await lockLicences(tx, { code })
    const before = await findStanding(tx, code, seatOf(asked))
    if (!licence || !before?.isNamed) return answer(before, reasonAgainst(before))
    await letGoInstance(tx, licence.id, asked.instance)
    const after = await findStanding(tx, code, seatOf(asked))
    return answer(after, reasonAgainst(after))
  })
}

function seatOf(asked: KeyQuestion) {
  return { product: asked.product || undefined, instance: asked.instance || undefined }
}

function reasonAgainst(found: Standing | undefined): LicenceReason | null {
  if (!found) return 'unknown'
  if (!found.isNamed) return 'other_product'
  if (found.state === 'active') return null
  if (found.reason === 'refunded') return 'refunded'
  return found.reason === 'disputed' || found.reason === 'dispute_lost' ? 'disputed' : 'ended'
}

function answer(found: Standing | undefined, reason: LicenceReason | null): LicenceAnswer {
  // Whoever asks about the wrong product learns nothing about the right one.
  if (!found || reason === 'other_product') return refusal(reason ?? 'unknown')
  return {
    valid: reason === null,
    reason,
    message: reason === null ? 'This licence key is valid.' : reasonWords[reason],
    product_id: found.productId,
    product: found.slug,
    seats: found.seats,
    activations: found.seatsUsed,
    activated: found.activationId !== null,
    rehearsal: found.mode !== null && found.mode !== 'live',
  }
}
