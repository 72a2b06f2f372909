import path from 'node:path'

/** Where files are kept, as STORAGE_URL says it. */
export type StorageAddress =
  | { readonly kind: 'disk'; readonly folder: string }
  | ({ readonly kind: 's3' } & S3Address)

export interface S3Address {
  readonly accessKey: string
  readonly secretKey: string
  /** Host, with a port where one was given. */
  readonly host: string
  readonly isEncrypted: boolean
  readonly region: string
  readonly bucket: string
  /** In front of every key; '' or a path that ends with a slash. */
  readonly prefix: string
  /** Whether the bucket is the first part of the host's name or of the path. */
  readonly style: 'host' | 'path'
}

/** The address cannot be used; the message says why without repeating its secret. */
export class StorageAddressError extends Error {
  override name = 'StorageAddressError'
}

const form = 's3://ACCESS-KEY:SECRET-KEY@host/bucket/prefix?region=eu-central-1'

/**
 * Reads STORAGE_URL: `file:/a/folder`, or
 * `s3://ACCESS-KEY:SECRET-KEY@host[:port]/bucket[/prefix][?region=...&style=path|host&tls=off]`.
 * A secret may stand as it was handed out, slashes and plus signs included, or percent-encoded. Without `region` it is
 * taken from the hosts that name it, else us-east-1; without `style` the bucket goes into the host's name at Amazon (unless it
 * has dots, which certificates do not cover) and into the path everywhere else. Throws StorageAddressError.
 */
export function readStorageAddress(text: string): StorageAddress {
  if (text.startsWith('file:'))
    return { kind: 'disk', folder: path.resolve(text.slice('file:'.length).replace(/^\/\//, '')) }
  if (!text.startsWith('s3:'))
    throw new StorageAddressError(`STORAGE_URL must be file:/a/folder or ${form}.`)
  return { kind: 's3', ...readS3(text) }
}

function readS3(text: string): S3Address {
  const [, address = '', query = ''] = /^s3:\/\/([^?]*)\??(.*)$/s.exec(text) ?? []
  // A secret may hold slashes and colons; host, bucket and prefix hold no "@".
  const at = address.lastIndexOf('@')
  if (at === -1)
    throw new StorageAddressError(`STORAGE_URL names no keys for the bucket. Its form is ${form}.`)
  const keys = address.slice(0, at)
  const colon = keys.indexOf(':')
  const accessKey = decoded(colon === -1 ? keys : keys.slice(0, colon))
  const secretKey = decoded(colon === -1 ? '' : keys.slice(colon + 1))
  if (accessKey === '' || secretKey === '')
    throw new StorageAddressError(
      `The ${accessKey === '' ? 'access key' : 'secret key'} in STORAGE_URL is blank. Its form is ${form}.`,
    )
  if (/[^\x21-\x7e]/.test(accessKey + secretKey))
    throw new StorageAddressError('A key in STORAGE_URL holds a blank or a sign no key has.')

  const [host = '', bucket = '', ...prefix] = address.slice(at + 1).split('/')
  if (!/^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(host))
    throw new StorageAddressError(`STORAGE_URL names no host behind the keys. Its form is ${form}.`)
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw new StorageAddressError(
      'STORAGE_URL names no bucket: 3 to 63 lower-case letters, digits, dots and dashes behind the host.',
    )
  const parts = prefix.filter((part) => part !== '')
  if (
    parts.some((part) => !/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(part)) ||
    parts.join('/').length > 200
  )
    throw new StorageAddressError(
      'The prefix in STORAGE_URL may hold letters, digits, dots, dashes and underlines, in parts divided by slashes.',
    )
  const options = readOptions(query)
  const isAmazon = /\.amazonaws\.com(?:\.cn)?(?::\d+)?$/i.test(host)
  return {
    accessKey,
    secretKey,
    host: host.toLowerCase(),
    isEncrypted: options.tls !== 'off',
    region: options.region ?? regionOf(host.toLowerCase()),
    bucket,
    prefix: parts.length > 0 ? `${parts.join('/')}/` : '',
    style: options.style ?? (isAmazon && !bucket.includes('.') ? 'host' : 'path'),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a percent sign that encodes nothing is itself
  }
}

function readOptions(query: string) {
  const found: { region?: string; style?: 'host' | 'path'; tls?: 'on' | 'off' } = {}
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === 'region' && /^[a-z0-9-]{1,40}$/.test(value)) found.region = value
    else if (name === 'style' && (value === 'path' || value === 'host')) found.style = value
    else if (name === 'tls' && (value === 'on' || value === 'off')) found.tls = value
    else
      throw new StorageAddressError(
        `STORAGE_URL ends with ?region=..., &style=path or style=host, and &tls=off for a store without encryption; "${name}" with this value is none of them.`,
      )
  }
  return found
}

/** As the hosts of well-known stores name it. */
function regionOf(host: string): string {
  const name = host.replace(/:\d+$/, '')
  return (
    /^s3[.-](?:dualstack\.)?([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?$/.exec(name)?.[1] ??
    /^s3\.([a-z0-9-]+)\.(?:backblazeb2\.com|wasabisys\.com|scw\.cloud)$/.exec(name)?.[1] ??
    /^([a-z0-9-]+)\.(?:digitaloceanspaces\.com|your-objectstorage\.com)$/.exec(name)?.[1] ??
    (name.endsWith('.r2.cloudflarestorage.com') ? 'auto' : 'us-east-1')
  )
}
