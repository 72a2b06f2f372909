import { createHash, createHmac, randomBytes } from 'node:crypto'

/** What a session's row takes, and the cookie that the shop would have given for it. secret: the shop's own. */
export function signedSession(secret: string): {
  readonly digest: string
  readonly cookie: string
} {
  const token = randomBytes(32).toString('base64url')
  const signature = createHmac('sha256', secret)
    .update(JSON.stringify(['session', token]))
    .digest('base64url')
    .slice(0, 32)
  return {
    digest: createHash('sha256').update(token).digest('hex'),
    cookie: `sundry_session=${token}.${signature}`,
  }
}
