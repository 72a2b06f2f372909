import {
  createHash,
  createSign,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto'

// A small authenticator in software: makes passkeys and signs with them as W3C WebAuthn says, so that tests hold the real
// ceremonies, and whatever an attacker would change about them.

interface Passkey {
  readonly id: Buffer
  readonly privateKey: KeyObject
  readonly rpId: string
  readonly userHandle: string
  counter: number
}

/** What can be wrong with an answer. Without anything, it is right. */
export interface Forgery {
  readonly origin?: string
  readonly rpId?: string
  readonly challenge?: string
  readonly counter?: number
  readonly isVerified?: boolean
  readonly userHandle?: string | undefined
  readonly type?: string
  readonly spoilsSignature?: boolean
  /** Signs with another passkey's key under this one's name. */
  readonly key?: KeyObject
}

interface CreationOptions {
  readonly challenge: string
  readonly rp: { readonly id?: string | undefined }
  readonly user: { readonly id: string }
}

interface RequestOptions {
  readonly challenge: string
  readonly rpId?: string | undefined
  readonly allowCredentials?: readonly { readonly id: string }[] | undefined
}

export class Authenticator {
  readonly passkeys: Passkey[] = []
  readonly #origin: string
  /** false: as authenticators that are synchronised, which do not count. */
  readonly #counts: boolean

  constructor(origin: string, counts = true) {
    this.#origin = origin
    this.#counts = counts
  }

  /** navigator.credentials.create(); the text a page would send. */
  create(options: CreationOptions, forged: Forgery = {}): string {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const rpId = options.rp.id ?? ''
    const counter = this.#counts ? 1 : 0
    const passkey = {
      id: randomBytes(32),
      privateKey,
      rpId,
      userHandle: options.user.id,
      counter,
    }
    this.passkeys.push(passkey)
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    // COSE_Key (RFC 9053, 7.1.1): kty EC2, alg ES256, crv P-256, x, y.
    const cose = Buffer.concat([
      Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]),
      Buffer.from(x, 'base64url'),
      Buffer.from([0x22, 0x58, 0x20]),
      Buffer.from(y, 'base64url'),
    ])
    const length = Buffer.alloc(2)
    length.writeUInt16BE(passkey.id.length)
    const data = Buffer.concat([
      authenticatorData(forged.rpId ?? rpId, flags(forged.isVerified ?? true, true), counter),
      Buffer.alloc(16),
      length,
      passkey.id,
      cose,
    ])
    // CBOR: { fmt: "none", attStmt: {}, authData: bytes }
    const attestation = Buffer.concat([
      Buffer.from([0xa3, 0x63]),
      Buffer.from('fmt'),
      Buffer.from([0x64]),
      Buffer.from('none'),
      Buffer.from([0x67]),
      Buffer.from('attStmt'),
      Buffer.from([0xa0, 0x68]),
      Buffer.from('authData'),
      Buffer.from([0x58, data.length]),
      data,
    ])
    return JSON.stringify({
      id: passkey.id.toString('base64url'),
      rawId: passkey.id.toString('base64url'),
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: this.#clientData('webauthn.create', options.challenge, forged),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      },
    })
  }

  /** navigator.credentials.get(); the text a page would send. */
  sign(options: RequestOptions, forged: Forgery = {}): string {
    const allowed = options.allowCredentials?.map(({ id }) => id)
    const passkey = this.passkeys.find(
      ({ id, rpId }) =>
        rpId === options.rpId && (allowed?.includes(id.toString('base64url')) ?? true),
    )
    if (!passkey) throw new Error('This authenticator has no passkey for it.')
    if (this.#counts) passkey.counter++
    const data = authenticatorData(
      forged.rpId ?? passkey.rpId,
      flags(forged.isVerified ?? true, false),
      forged.counter ?? passkey.counter,
    )
    const clientData = this.#clientData('webauthn.get', options.challenge, forged)
    const hash = createHash('sha256').update(Buffer.from(clientData, 'base64url')).digest()
    const signature = createSign('sha256')
      .update(Buffer.concat([data, hash]))
      .sign(forged.key ?? passkey.privateKey)
    if (forged.spoilsSignature) signature.writeUInt8(signature.readUInt8(20) ^ 1, 20)
    const userHandle = 'userHandle' in forged ? forged.userHandle : passkey.userHandle
    return JSON.stringify({
      id: passkey.id.toString('base64url'),
      rawId: passkey.id.toString('base64url'),
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData,
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(userHandle === undefined ? {} : { userHandle }),
      },
    })
  }

  #clientData(type: string, challenge: string, forged: Forgery): string {
    const data = {
      type: forged.type ?? type,
      challenge: forged.challenge ?? challenge,
      origin: forged.origin ?? this.#origin,
      crossOrigin: false,
    }
    return Buffer.from(JSON.stringify(data)).toString('base64url')
  }
}

/** Present; verified or not; may be backed up and is; with a new passkey's data or without. */
function flags(isVerified: boolean, hasPasskey: boolean): number {
  return 0x01 | (isVerified ? 0x04 : 0) | 0x08 | 0x10 | (hasPasskey ? 0x40 : 0)
}

function authenticatorData(rpId: string, flagBits: number, counter: number): Buffer {
  const count = Buffer.alloc(4)
  count.writeUInt32BE(counter)
  return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([flagBits]), count])
}
