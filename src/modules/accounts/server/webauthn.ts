import { randomBytes } from 'node:crypto'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import { z } from 'zod'
import { log } from '#modules/platform/server/index.ts'
import type { PasskeyPlace } from '../passkey-place.ts'

// The only file that knows the library for passkeys (W3C WebAuthn). Nothing here asks the database.

export type PasskeyRequest = PublicKeyCredentialRequestOptionsJSON
export type PasskeyCreation = PublicKeyCredentialCreationOptionsJSON

/** How long people have for finger, face or PIN. */
const patienceMs = 5 * 60_000
/** EdDSA, ES256, RS256: what authenticators have. */
const algorithms = [-8, -7, -257]

/** 256 random bits, base64url. */
export function makeChallenge(): string {
  return randomBytes(32).toString('base64url')
}

/** What an authenticator knows a member by: the bytes of the id, which says nothing about the person. */
function handleOf(memberId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(memberId.replaceAll('-', ''), 'hex'))
}

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))

interface KnownPasskey {
  readonly credentialId: string
  readonly transports: readonly string[]
}

/** What the browser is to ask an authenticator. passkeys: any of these; undefined = whichever the person chooses. */
export async function passkeyRequest(
  place: PasskeyPlace,
  challenge: string,
  passkeys?: readonly KnownPasskey[],
): Promise<PasskeyRequest> {
  return generateAuthenticationOptions({
    rpID: place.rpId,
    challenge: bytesOf(challenge),
    userVerification: 'required',
    timeout: patienceMs,
    ...(passkeys ? { allowCredentials: passkeys.map(named) } : {}),
  })
}

/** What the browser needs to make a new passkey that can be found without typing an address. */
export async function passkeyCreation(
  place: PasskeyPlace,
  challenge: string,
  member: { id: string; email: string; name: string },
  shopName: string,
  passkeys: readonly KnownPasskey[],
): Promise<PasskeyCreation> {
  return generateRegistrationOptions({
    rpName: shopName,
    rpID: place.rpId,
    userID: handleOf(member.id),
    userName: member.email,
    userDisplayName: member.name || member.email,
    challenge: bytesOf(challenge),
    timeout: patienceMs,
    attestationType: 'none',
    excludeCredentials: passkeys.map(named),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: algorithms,
  })
}

function named({ credentialId, transports }: KnownPasskey) {
  return { id: credentialId, transports: [...transports] }
}

const text = z.string().max(20_000)
const answer = { id: z.string().min(1).max(1_400), rawId: text, type: z.literal('public-key') }
const signed = z.object({
  ...answer,
  response: z.object({
    clientDataJSON: text,
    authenticatorData: text,
    signature: text,
    userHandle: text.optional(),
  }),
})
const created = z.object({
  ...answer,
  response: z.object({
    clientDataJSON: text,
    attestationObject: text,
    transports: z.array(z.string().max(20)).max(8).optional(),
  }),
})

export type SignedAnswer = z.output<typeof signed>
export type CreatedAnswer = z.output<typeof created>

/** Reads what the browser sent; undefined when it cannot be an authenticator's answer. */
export const readSigned = (sent: string) => readAnswer(signed, sent)
export const readCreated = (sent: string) => readAnswer(created, sent)

function readAnswer<Shape extends z.ZodType>(
  shape: Shape,
  sent: string,
): z.output<Shape> | undefined {
  if (sent.length > 60_000) return undefined
  return shape.safeParse(parsed(sent)).data
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Which challenge an answer says it signs: only to look it up; whether it did is checked afterwards. */
export function challengeOf({ response }: SignedAnswer | CreatedAnswer): string | undefined {
  const told = parsed(Buffer.from(response.clientDataJSON, 'base64url').toString('utf8'))
  const challenge = z.object({ challenge: z.string().length(43) }).safeParse(told)
  return challenge.data?.challenge
}

/**
 * Checks an answer: signature, challenge, origin, relying party, presence and verification of the person, counter, and that
 * the authenticator means this member. undefined when anything is amiss; what, is in the log.
 */
export async function checkSigned(
  place: PasskeyPlace,
  challenge: string,
  sent: SignedAnswer,
  passkey: { credentialId: string; memberId: string; publicKey: Uint8Array; counter: number },
): Promise<{ readonly counter: number; readonly isBackedUp: boolean } | undefined> {
  const handle = sent.response.userHandle
  if (
    handle !== undefined &&
    handle !== Buffer.from(handleOf(passkey.memberId)).toString('base64url')
  )
    return refused('it belongs to another member')
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...sent, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: place.origin,
      expectedRPID: place.rpId,
      requireUserVerification: true,
      credential: {
        id: passkey.credentialId,
        publicKey: new Uint8Array(passkey.publicKey),
        counter: passkey.counter,
      },
    })
    if (!verified) return refused('its signature is wrong')
    return {
      counter: authenticationInfo.newCounter,
      isBackedUp: authenticationInfo.credentialBackedUp,
    }
  } catch (error) {
    // The library throws for each thing that does not fit: all of them are refusals.
    return refused(error)
  }
}

export interface NewPasskey {
  readonly credentialId: string
  readonly publicKey: Uint8Array
  readonly counter: number
  readonly transports: readonly string[]
  readonly mayBeBackedUp: boolean
  readonly isBackedUp: boolean
}

/** Checks what an authenticator made, in the same way. */
export async function checkCreated(
  place: PasskeyPlace,
  challenge: string,
  sent: CreatedAnswer,
): Promise<NewPasskey | undefined> {
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { ...sent, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: place.origin,
      expectedRPID: place.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    })
    if (!verified) return refused('what it made does not hold')
    return {
      credentialId: registrationInfo.credential.id,
      publicKey: registrationInfo.credential.publicKey,
      counter: registrationInfo.credential.counter,
      transports: sent.response.transports ?? [],
      mayBeBackedUp: registrationInfo.credentialDeviceType === 'multiDevice',
      isBackedUp: registrationInfo.credentialBackedUp,
    }
  } catch (error) {
    return refused(error)
  }
}

function refused(why: unknown): undefined {
  log.info({ why: why instanceof Error ? why.message : String(why) }, 'passkey refused')
}
