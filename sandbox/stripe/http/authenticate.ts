import type { IncomingHttpHeaders } from 'node:http'
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { ApiError } from '../api-error.ts'
import { base62 } from '../ids.ts'

/** The seller behind a request. */
export type Credentials = { key: string; account: string }

/**
 * Reads the API key (Bearer, or Basic with the key as user name). Throws ApiError 401 in Stripe's
 * words: without a key, with a publishable one, with one of live mode, with one not accepted here.
 * @param only accept this key alone
 */
export function authenticate(headers: IncomingHttpHeaders, only: string | undefined): Credentials {
  const key = keyOf(headers.authorization)
  if (key === undefined || key === '')
    throw unauthorized(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details.",
    )
  if (key.startsWith('pk_'))
    throw unauthorized(
      'This API call cannot be made with a publishable API key. Please use a secret API key.',
      'secret_key_required',
    )
  if (/^[rs]k_live_/.test(key))
    throw unauthorized(
      `Live key refused: this is a sandbox with play money, and ${masked(key)} belongs to real money. Check where your requests are sent.`,
    )
  if (!/^[rs]k_test_\w{1,200}$/.test(key) || (only !== undefined && !isSame(key, only)))
    throw unauthorized(`Invalid API Key provided: ${masked(key)}`)
  return { key, account: accountOfKey(key) }
}

/** Each key is a seller of its own; the account's id follows from the key and does not reveal it. */
export function accountOfKey(key: string): string {
  return `acct_${base62(createHash('sha256').update(`account ${key}`).digest().subarray(0, 16))}`
}

/** What the inspector's forms carry in place of the key. */
export function formTokenOf(key: string): string {
  return createHmac('sha256', key).update('inspector form').digest('hex')
}

function keyOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined
  const [scheme = '', rest = ''] = splitOnce(authorization.trim())
  if (/^bearer$/i.test(scheme)) return rest.trim()
  if (!/^basic$/i.test(scheme)) return undefined
  return Buffer.from(rest.trim(), 'base64').toString('utf8').split(':')[0]
}

function splitOnce(text: string): string[] {
  const at = text.indexOf(' ')
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

export function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

function masked(key: string): string {
  const kind = /^[a-z]{2}_(?:test|live)_/.exec(key)?.[0] ?? ''
  const rest = key.slice(kind.length)
  return `${kind}${'*'.repeat(Math.min(Math.max(rest.length - 4, 0), 20))}${rest.slice(-4)}`
}

function unauthorized(message: string, code?: string): ApiError {
  return new ApiError(
    401,
    { type: 'invalid_request_error', message, ...(code === undefined ? {} : { code }) },
    { 'www-authenticate': 'Basic realm="Stripe sandbox", charset="UTF-8"' },
  )
}
