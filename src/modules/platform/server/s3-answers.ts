import type { S3Address } from '#server/storage-address.ts'

// What stores that speak S3 answer: flat XML without attributes that matter, read without an XML parser. What is read is
// bounded by the client, and nothing read is ever used as markup.

/** The text of the first element of that name; '' when there is none. */
export function elementText(xml: string, name: string): string {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''
  return found.replace(
    /&(lt|gt|quot|apos|amp|#\d{1,7}|#x[0-9a-f]{1,6});/gi,
    (whole, name: string) =>
      name.startsWith('#') ? character(name) : (entities[name.toLowerCase()] ?? whole),
  )
}

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
}

function character(reference: string): string {
  const code = /^#x/i.test(reference)
    ? parseInt(reference.slice(2), 16)
    : Number(reference.slice(1))
  return code <= 0x10ffff ? String.fromCodePoint(code) : ''
}

/** The insides of all elements of that name. */
export function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(
    (match) => match[1] ?? '',
  )
}

/** What an error answer names as its cause; 'unknown' where it is not one. */
export function s3Error(xml: string): { readonly code: string } {
  const code = elementText(xml, 'Code')
  return { code: /^[A-Za-z0-9.]{1,60}$/.test(code) ? code : 'unknown' }
}

/** Why a store refuses the shop, for the person who set STORAGE_URL. */
export function s3Refusal(code: string, status: number, address: S3Address): string {
  const { bucket, host, region } = address
  switch (code) {
    case 'NoSuchBucket':
      return `There is no bucket "${bucket}" at ${host}. Create it, or correct STORAGE_URL.`
    case 'InvalidAccessKeyId':
      return `${host} does not know the access key in STORAGE_URL.`
    case 'SignatureDoesNotMatch':
      return `${host} does not accept the secret key in STORAGE_URL. Copy it anew; if it is right, check the region (now ${region}).`
    case 'RequestTimeTooSkewed':
      return `${host} says that this machine's clock is wrong by more than a quarter of an hour. Set the clock.`
    case 'AccessDenied':
      return `${host} does not let this access key use the bucket "${bucket}". It needs to read, write, list and delete objects there.`
    case 'PermanentRedirect':
    case 'TemporaryRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return `The bucket "${bucket}" is not in the region ${region}. Put its region (and its host, if that names one) into STORAGE_URL.`
    default:
      return `${host} refuses to serve the bucket "${bucket}" (${status} ${code}).`
  }
}
