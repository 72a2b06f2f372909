import { sha256, useLimit, type Limit, type LimitResult } from '#modules/platform/server/index.ts'
import { networkOf } from '../network.ts'

const quarterHour = 15 * 60
const hour = 60 * 60

// What one network uses up of an account is its own: a stranger who knows an address must not be able to keep its owner out
// with a handful of wrong passwords. Who has many networks at hand meets the account's limit.
const signInsByAddressThere: Limit = {
  name: 'sign-in:address-network',
  most: 10,
  windowSeconds: quarterHour,
}
const signInsByAddress: Limit = { name: 'sign-in:address', most: 30, windowSeconds: quarterHour }
const signInsByNetwork: Limit = { name: 'sign-in:network', most: 50, windowSeconds: quarterHour }
const codesByAddress: Limit = { name: 'code:address', most: 5, windowSeconds: hour }
// Five tries a code: a stranger who asks for codes all year guesses one with less than 3 in 100.
const codesByAddressAndDay: Limit = { name: 'code:address-day', most: 15, windowSeconds: 24 * hour }
// So that no single network can use up the day's codes of somebody else.
const codesByAddressThere: Limit = {
  name: 'code:address-network-day',
  most: 8,
  windowSeconds: 24 * hour,
}
const codesByNetwork: Limit = { name: 'code:network', most: 20, windowSeconds: hour }
// Of a million codes three are right at a time: with a hundred tries a day, who knows the password needs nine years on average.
const factorsThere: Limit = { name: 'factor:member-network', most: 10, windowSeconds: quarterHour }
const factorsByMember: Limit = { name: 'factor:member', most: 30, windowSeconds: quarterHour }
const factorsByMemberAndDay: Limit = {
  name: 'factor:member-day',
  most: 100,
  windowSeconds: 24 * hour,
}
const passkeysByNetwork: Limit = { name: 'passkey:network', most: 60, windowSeconds: quarterHour }
const picturesByMember: Limit = { name: 'avatar:member', most: 20, windowSeconds: hour }

/**
 * Counts a try to sign in. address: canonical, of who tries a password. undefined for a typed code: it dies of five wrong
 * tries by itself (code-check.ts), and must work while somebody else guesses at the password.
 */
export async function mayTryToSignIn(
  address: string | undefined,
  network: string,
): Promise<LimitResult> {
  const byNetwork = await useLimit(signInsByNetwork, networkOf(network))
  if (!byNetwork.ok || address === undefined) return byNetwork
  const there = await useLimit(signInsByAddressThere, `${nameless(address)} ${networkOf(network)}`)
  return there.ok ? useLimit(signInsByAddress, nameless(address)) : there
}

/** Counts a code that is asked for, whether somebody has an account at the address or not. */
export async function mayAskForCode(address: string, network: string): Promise<LimitResult> {
  const byNetwork = await useLimit(codesByNetwork, networkOf(network))
  if (!byNetwork.ok) return byNetwork
  const there = await useLimit(codesByAddressThere, `${nameless(address)} ${networkOf(network)}`)
  if (!there.ok) return there
  const byAddress = await useLimit(codesByAddress, nameless(address))
  if (!byAddress.ok) return byAddress
  return useLimit(codesByAddressAndDay, nameless(address))
}

/** Counts a try with a second factor: an app's code, a recovery code, a passkey. */
export async function mayTrySecondFactor(memberId: string, network: string): Promise<LimitResult> {
  const byNetwork = await useLimit(signInsByNetwork, networkOf(network))
  if (!byNetwork.ok) return byNetwork
  const there = await useLimit(factorsThere, `${memberId} ${networkOf(network)}`)
  if (!there.ok) return there
  const byMember = await useLimit(factorsByMember, memberId)
  return byMember.ok ? useLimit(factorsByMemberAndDay, memberId) : byMember
}

/** Counts a challenge that is asked for: each is a row for some minutes. */
export async function mayAskForPasskey(network: string): Promise<LimitResult> {
  return useLimit(passkeysByNetwork, networkOf(network))
}

/** Counts a picture that is to be re-encoded. */
export async function mayUploadPicture(memberId: string): Promise<LimitResult> {
  return useLimit(picturesByMember, memberId)
}

/** The counters outlive the people they are about: no address in them. */
function nameless(address: string): string {
  return sha256(address)
}
