import { createHash, createHmac } from 'node:crypto'

// Signature Version 4 as a store checks it, written from its specification and apart from what signs in the program, so that a
// mistake there cannot be repeated here. Held to the examples that the specification publishes.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html

export interface SignedRequest {
  readonly method: string
  /** Path and query as they stood in the request line. */
  readonly target: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
}

export interface Keys {
  readonly accessKey: string
  readonly secretKey: string
}

/** The signature that this request must carry; undefined when its Authorization header is none of this kind. */
export function expectedSignature(request: SignedRequest, keys: Keys) {
  const { authorization = '', 'x-amz-date': at = '' } = request.headers
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/.exec(
      authorization,
    )
  const [, accessKey = '', day = '', region = '', names = '', given = ''] = match ?? []
  if (!match || !at.startsWith(day)) return undefined
  const [path = '', query = ''] = request.target.split('?', 2)
  const canonical = [
    request.method,
    path
      .split('/')
      .map((part) => encoded(decodeURIComponent(part)))
      .join('/'),
    query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const [name = '', value = ''] = pair.split('=', 2)
        return [encoded(fromQuery(name)), encoded(fromQuery(value))] as const
      })
      .toSorted(([one, first], [other, second]) =>
        one === other ? (first < second ? -1 : 1) : one < other ? -1 : 1,
      )
      .map((pair) => pair.join('='))
      .join('&'),
    ...names
      .split(';')
      .map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    names,
    request.headers['x-amz-content-sha256'] ?? '',
  ].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(
    (key, part) => hmac(key, part),
    `AWS4${keys.secretKey}`,
  )
  return {
    accessKey,
    region,
    given,
    expected: hmac(key, toSign).toString('hex'),
    signedHeaders: names.split(';'),
  }
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function fromQuery(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
