import { runtime, type Db, type Tx } from '#modules/platform/server/index.ts'
import { passkeyPlace } from '../passkey-place.ts'
import type { FreshProof } from './fresh-proof.ts'
import * as store from './store.factor.ts'
import {
  challengeOf,
  checkCreated,
  checkSigned,
  makeChallenge,
  passkeyCreation,
  passkeyRequest,
  readCreated,
  readSigned,
  type CreatedAnswer,
  type NewPasskey,
  type PasskeyCreation,
  type PasskeyRequest,
  type SignedAnswer,
} from './webauthn.ts'

export type { ChallengeScope } from './store.factor.ts'

/** More than anybody carries. */
export const mostPasskeys = 20

/** Where this shop's passkeys belong, by its settings and never by what a request says; undefined where browsers allow none. */
export const thisPlace = () => passkeyPlace(runtime().settings.origin)

/**
 * Asks for a passkey's signature: for the browser's navigator.credentials.get(). The answer counts once, within six minutes,
 * and only in this scope. undefined where this shop's address allows no passkeys. The caller has asked mayAskForPasskey().
 */
export async function askForPasskey(
  tx: Tx,
  scope: store.ChallengeScope,
): Promise<PasskeyRequest | undefined> {
  const place = thisPlace()
  if (!place) return undefined
  const challenge = makeChallenge()
  await store.insertChallenge(tx, challenge, scope)
  const passkeys =
    'memberId' in scope ? await store.passkeysOf(tx, scope.memberId, mostPasskeys) : undefined
  return passkeyRequest(place, challenge, passkeys)
}

/** Asks for a new passkey: for navigator.credentials.create(). Otherwise as askForPasskey(). */
export async function askForNewPasskey(
  tx: Tx,
  { actor }: FreshProof<'factors'>,
  shopName: string,
): Promise<PasskeyCreation | undefined> {
  const place = thisPlace()
  if (!place) return undefined
  const challenge = makeChallenge()
  const { memberId, sessionId } = actor
  await store.insertChallenge(tx, challenge, { purpose: 'register', memberId, sessionId })
  const known = await store.passkeysOf(tx, memberId, mostPasskeys)
  return passkeyCreation(place, challenge, { ...actor, id: memberId }, shopName, known)
}

/** An answer whose challenge was ours and is used up now; not yet checked. */
interface Taken<Answer> {
  readonly answer: Answer
  readonly challenge: string
  readonly scope: store.ChallengeScope
}

/** Takes the challenge of an answer out, in a transaction of its own: also a wrong answer uses it up. */
export async function takePasskeyAnswer(
  tx: Tx,
  sent: string,
  scope: store.ChallengeScope,
): Promise<Taken<SignedAnswer> | undefined> {
  return take(tx, readSigned(sent), scope)
}

export async function takeNewPasskeyAnswer(
  tx: Tx,
  sent: string,
  { actor }: FreshProof<'factors'>,
): Promise<Taken<CreatedAnswer> | undefined> {
  const { memberId, sessionId } = actor
  return take(tx, readCreated(sent), { purpose: 'register', memberId, sessionId })
}

async function take<Answer extends SignedAnswer | CreatedAnswer>(
  tx: Tx,
  answer: Answer | undefined,
  scope: store.ChallengeScope,
): Promise<Taken<Answer> | undefined> {
  const challenge = answer && challengeOf(answer)
  if (!challenge || !(await store.takeChallenge(tx, challenge, scope))) return undefined
  return { answer, challenge, scope }
}

declare const checked: unique symbol

/** A passkey of this member signed our challenge. Counts in its scope; used by usePasskeyProof() once. */
export interface PasskeyProof {
  readonly passkeyId: string
  readonly memberId: string
  readonly scope: store.ChallengeScope
  readonly counter: number
  readonly isBackedUp: boolean
  readonly [checked]: true
}

/** Checks an answer, outside transactions. undefined: wrong in any way, or the passkey is gone or somebody else's. */
export async function checkPasskey(
  db: Db,
  { answer, challenge, scope }: Taken<SignedAnswer>,
): Promise<PasskeyProof | undefined> {
  const place = thisPlace()
  const passkey = await store.passkeyByCredential(db, answer.id)
  if (!place || !passkey) return undefined
  if ('memberId' in scope && scope.memberId !== passkey.memberId) return undefined
  // Whom a passkey without an address belongs to, the authenticator says itself.
  if (scope.purpose === 'sign_in' && answer.response.userHandle === undefined) return undefined
  const signed = await checkSigned(place, challenge, answer, passkey)
  // The proof: this is the one place where it is made, from a signature that was checked.
  return (
    signed &&
    ({ passkeyId: passkey.id, memberId: passkey.memberId, scope, ...signed } as PasskeyProof)
  )
}

/** Notes the signature. false when the passkey was removed, or signed with the same count, in the meantime. */
export async function usePasskeyProof(tx: Tx, proof: PasskeyProof): Promise<boolean> {
  return store.usePasskey(tx, proof.passkeyId, proof)
}

/** Checks what the browser made, outside transactions. undefined: wrong in any way. */
export async function checkNewPasskey({
  answer,
  challenge,
}: Taken<CreatedAnswer>): Promise<NewPasskey | undefined> {
  const place = thisPlace()
  return place && checkCreated(place, challenge, answer)
}
