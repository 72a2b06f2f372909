import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MalformedUploadError, readUpload } from './posted-upload.ts'

const boundary = '----WebKitFormBoundaryx1Y2z3'
const contentType = `multipart/form-data; boundary=${boundary}`

function form(
  parts: readonly { name: string; fileName?: string; value: string | Buffer }[],
  end = '--\r\n',
) {
  return Buffer.concat([
    ...parts.flatMap(({ name, fileName, value }) => [
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"`),
      Buffer.from(
        fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: application/pdf`,
      ),
      Buffer.from('\r\n\r\n'),
      Buffer.from(value as string),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}${end}`),
  ])
}

const chunked = (body: Buffer, size: number) =>
  Readable.from(
    Array.from({ length: Math.ceil(body.length / size) }, (_, at) =>
      body.subarray(at * size, (at + 1) * size),
    ),
  )

async function read(body: Buffer, size = 7, type: string | null = contentType) {
  const { fields, fileName, source } = await readUpload(type, chunked(body, size))
  const pieces: Uint8Array[] = []
  for await (const piece of source) pieces.push(piece)
  return { fields: Object.fromEntries(fields), fileName, bytes: Buffer.concat(pieces).toString() }
}

const plain = form([
  { name: 'label', value: '1.3' },
  { name: 'changes', value: 'Two new pages — schön.\r\nMore.' },
  { name: 'file', fileName: 'Märchen %22a%22.pdf', value: 'the whole\r\n--book' },
])

test.each([1, 2, 3, 10, 64, 10_000])('a form is read the same in chunks of %i', async (size) => {
  expect(await read(plain, size)).toEqual({
    fields: { label: '1.3', changes: 'Two new pages — schön.\r\nMore.' },
    fileName: 'Märchen "a".pdf',
    bytes: 'the whole\r\n--book',
  })
})

test('any bytes come through, however they are cut', { timeout: 30_000 }, async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .constantFrom('\r\n', '\r', '--', `\r\n--${boundary.slice(0, -1)}`, `--${boundary}`)
      .map((text) => new Uint8Array(Buffer.from(text))),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 12 }),
      fc.integer({ min: 1, max: 90 }),
      async (pieces, size) => {
        const value = Buffer.concat(pieces)
        fc.pre(
          !value.includes(`\r\n--${boundary}`) &&
            !value.toString('latin1').startsWith(`--${boundary}`),
        )
        const { source } = await readUpload(
          contentType,
          chunked(form([{ name: 'file', fileName: 'a', value }]), size),
        )
        const out: Uint8Array[] = []
        for await (const part of source) out.push(part)
        expect(Buffer.concat(out).equals(value)).toBe(true)
      },
    ),
    { numRuns: 200 },
  )
})

test('an empty file field and a form without file are no file', async () => {
  const empty = form([{ name: 'file', fileName: '', value: '' }])
  expect(await read(empty)).toEqual({ fields: {}, fileName: '', bytes: '' })
  expect(await read(form([{ name: 'label', value: 'x' }]))).toEqual({
    fields: { label: 'x' },
    fileName: '',
    bytes: '',
  })
})

describe('what is no such form', () => {
  test.each([
    ['no content type', plain, null],
    ['another content type', plain, 'application/json'],
    ['no boundary', plain, 'multipart/form-data'],
    ['a boundary of the attacker’s making', plain, 'multipart/form-data; boundary="a\r\nb"'],
    ['another boundary', plain, 'multipart/form-data; boundary=other'],
    ['nothing', Buffer.alloc(0), contentType],
    ['a form cut inside the file', plain.subarray(0, plain.length - 40), contentType],
    ['a form cut inside the headers', plain.subarray(0, 60), contentType],
    [
      'endless headers',
      Buffer.concat([Buffer.from(`--${boundary}\r\n`), Buffer.alloc(50_000, 'a')]),
      contentType,
    ],
    ['an endless field', form([{ name: 'label', value: 'x'.repeat(70_000) }]), contentType],
    ['an endless preamble', Buffer.alloc(50_000, 'a'), contentType],
  ])('%s is refused', async (_, body, type) => {
    await expect(read(body, 1000, type)).rejects.toThrow(MalformedUploadError)
  })

  test('more parts than any form of ours has are not read', async () => {
    const many = form([
      ...Array.from({ length: 25 }, (_, at) => ({ name: `f${at}`, value: 'x' })),
      { name: 'file', fileName: 'a', value: 'late' },
    ])
    const { fileName } = await read(many, 100)
    expect(fileName).toBe('')
  })
})
