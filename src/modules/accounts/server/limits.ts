import { sha256, useLimit, type Limit, type LimitResult } from '#modules/platform/server/index.ts'
import { networkOf } from '../network.ts'

const quarterHour = 15 * 60
const hour = 60 * 60

const signInsByAddress: Limit = { name: 'sign-in:address', most: 10, windowSeconds: quarterHour }
const signInsByNetwork: Limit = { name: 'sign-in:network', most: 50, windowSeconds: quarterHour }
const codesByAddress: Limit = { name: 'code:address', most: 5, windowSeconds: hour }
// Five tries a code: a stranger who asks for codes all year guesses one with less than 3 in 100.
const codesByAddressAndDay: Limit = { name: 'code:address-day', most: 15, windowSeconds: 24 * hour }
const codesByNetwork: Limit = { name: 'code:network', most: 20, windowSeconds: hour }
const picturesByMember: Limit = { name: 'avatar:member', most: 20, windowSeconds: hour }

/** Counts a try to sign in, with password or code. address: canonical; undefined when nobody was named. */
export async function mayTryToSignIn(
  address: string | undefined,
  network: string,
): Promise<LimitResult> {
  const byNetwork = await useLimit(signInsByNetwork, networkOf(network))
  if (!byNetwork.ok || address === undefined) return byNetwork
  return useLimit(signInsByAddress, nameless(address))
}

/** Counts a code that is asked for, whether somebody has an account at the address or not. */
export async function mayAskForCode(address: string, network: string): Promise<LimitResult> {
  const byNetwork = await useLimit(codesByNetwork, networkOf(network))
  if (!byNetwork.ok) return byNetwork
  const byAddress = await useLimit(codesByAddress, nameless(address))
  if (!byAddress.ok) return byAddress
  return useLimit(codesByAddressAndDay, nameless(address))
}

/** Counts a picture that is to be re-encoded. */
export async function mayUploadPicture(memberId: string): Promise<LimitResult> {
  return useLimit(picturesByMember, memberId)
}

/** The counters outlive the people they are about: no address in them. */
function nameless(address: string): string {
  return sha256(address)
}
