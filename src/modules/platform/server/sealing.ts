import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { runtime } from '#server/runtime.ts'

// What must be stored and read again (keys of other services, seeds of time-based codes) but must not lie open in the
// database and its backups. What only has to be compared is stored as a digest instead: see signing.ts.

const version = 'v1'
const ivLength = 12
const tagLength = 16

/**
 * Encrypts a text under the shop's secret: AES-256-GCM, its key derived with HKDF for this purpose alone, so that what was
 * sealed as one thing never opens as another. Names in the purpose bind it further: `totp secret of ${id}` cannot be moved
 * to another row. The same text sealed twice looks different. Gives printable text, a third longer than what was sealed.
 */
export function seal(purpose: string, text: string): string {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', keyFor(purpose), iv, { authTagLength: tagLength })
  const sealed = Buffer.concat([
    iv,
    cipher.update(text, 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ])
  return `${version}.${sealed.toString('base64url')}`
}

/** The longest text, in bytes, that is at most so many characters when it is sealed. */
export function sealable(characters: number): number {
  const bytes = Math.floor(((characters - version.length - 1) * 3) / 4)
  return bytes - ivLength - tagLength
}

/**
 * Reads what seal() made for the same purpose. undefined when it was changed, made for another purpose or under another
 * secret (SUNDRY_SECRET was replaced): the caller says in words that it has to be entered again.
 */
export function unseal(purpose: string, sealed: string): string | undefined {
  const [head, body, ...rest] = sealed.split('.')
  if (head !== version || body === undefined || rest.length > 0) return undefined
  const bytes = Buffer.from(body, 'base64url')
  if (bytes.length < ivLength + tagLength || bytes.toString('base64url') !== body) return undefined
  const iv = bytes.subarray(0, ivLength)
  const decipher = createDecipheriv('aes-256-gcm', keyFor(purpose), iv, {
    authTagLength: tagLength,
  })
  decipher.setAuthTag(bytes.subarray(-tagLength))
  try {
    const text = decipher.update(bytes.subarray(ivLength, -tagLength))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    // The tag does not fit: changed, or sealed under another key. That is the one thing final() throws for.
    return undefined
  }
}

function keyFor(purpose: string): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', runtime().settings.secret, '', `sundry seal ${version}: ${purpose}`, 32),
  )
}
