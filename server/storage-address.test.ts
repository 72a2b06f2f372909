import { describe, expect, test } from 'vitest'
import { readStorageAddress, StorageAddressError } from './storage-address.ts'

const s3 = (text: string) => {
  const address = readStorageAddress(text)
  if (address.kind !== 's3') throw new Error('a disk')
  return address
}

describe('where files are kept', () => {
  test('a folder of this machine', () => {
    expect(readStorageAddress('file:/srv/files')).toEqual({ kind: 'disk', folder: '/srv/files' })
    expect(readStorageAddress('file:///srv/files')).toEqual({ kind: 'disk', folder: '/srv/files' })
  })

  test('a bucket, with all that may be said', () => {
    expect(
      s3('s3://AKIA1:secret@store.example:9000/files/shop/one?region=eu-west-1&tls=off&style=host'),
    ).toEqual({
      kind: 's3',
      accessKey: 'AKIA1',
      secretKey: 'secret',
      host: 'store.example:9000',
      isEncrypted: false,
      region: 'eu-west-1',
      bucket: 'files',
      prefix: 'shop/one/',
      style: 'host',
    })
  })

  test('a secret as it was handed out, with slashes, plus, colon and percent signs, or encoded', () => {
    expect(s3('s3://K:a/b+c:d==@store.example/files').secretKey).toBe('a/b+c:d==')
    expect(s3('s3://K:a%2Fb%2Bc@store.example/files').secretKey).toBe('a/b+c')
    expect(s3('s3://K:50%@store.example/files').secretKey).toBe('50%')
    expect(s3('s3://K:a@b@store.example/files').secretKey).toBe('a@b')
  })

  test.each([
    ['s3.eu-central-1.amazonaws.com', 'files', 'eu-central-1', 'host'],
    ['s3.amazonaws.com', 'files', 'us-east-1', 'host'],
    ['s3.eu-central-1.amazonaws.com', 'my.files', 'eu-central-1', 'path'],
    ['s3.us-west-004.backblazeb2.com', 'files', 'us-west-004', 'path'],
    ['0123.r2.cloudflarestorage.com', 'files', 'auto', 'path'],
    ['fra1.digitaloceanspaces.com', 'files', 'fra1', 'path'],
    ['fsn1.your-objectstorage.com', 'files', 'fsn1', 'path'],
    ['minio.example:9000', 'files', 'us-east-1', 'path'],
    ['[::1]:9000', 'files', 'us-east-1', 'path'],
  ])(
    '%s with the bucket %s is asked in region %s, bucket in the %s',
    (host, bucket, region, style) => {
      expect(s3(`s3://K:S@${host}/${bucket}`)).toMatchObject({ region, style, isEncrypted: true })
    },
  )

  test.each([
    ['ftp://store.example/files', /file:\/a\/folder or s3:/],
    ['s3://store.example/files', /names no keys/],
    ['s3://:very-secret@store.example/files', /access key in STORAGE_URL is blank/],
    ['s3://KEY:@store.example/files', /secret key in STORAGE_URL is blank/],
    ['s3://KEY@store.example/files', /secret key in STORAGE_URL is blank/],
    ['s3://KEY:very secret@store.example/files', /holds a blank/],
    ['s3://KEY:very-secret@/files', /names no host/],
    ['s3://KEY:very-secret@store.example', /names no bucket/],
    ['s3://KEY:very-secret@store.example/Files', /names no bucket/],
    ['s3://KEY:very-secret@store.example/files/../other', /prefix/],
    ['s3://KEY:very-secret@store.example/files?tls=no', /"tls"/],
    ['s3://KEY:very-secret@store.example/files?acl=public', /"acl"/],
  ])('%s is refused in words that do not repeat the secret', (text, words) => {
    let refused: unknown
    try {
      readStorageAddress(text)
    } catch (error) {
      refused = error
    }
    expect(refused).toBeInstanceOf(StorageAddressError)
    expect(String(refused)).toMatch(words)
    expect(String(refused)).not.toMatch(/very/)
  })
})
