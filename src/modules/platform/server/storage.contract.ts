import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { beforeEach, describe, expect, test } from 'vitest'
import { TooLargeError, type FileStorage } from './storage-port.ts'

/**
 * What every place for files keeps to. open: an empty storage. remnant: leaves behind what a put leaves that was killed in
 * the middle.
 */
export function fileStorageContract(
  name: string,
  open: () => Promise<FileStorage>,
  remnant: (storage: FileStorage) => Promise<void>,
): void {
  describe(`files ${name}`, () => {
    let files: FileStorage
    beforeEach(async () => {
      files = await open()
    })

    const put = (key: string, text: string, limitBytes = 1_000_000) =>
      files.put(key, inPieces(text, 7), limitBytes)
    const textOf = async (key: string, range?: { start: number; end: number }) => {
      const found = await files.read(key, range)
      return found && (await buffer(found.stream)).toString()
    }

    test('come back byte for byte, with their size and digest', async () => {
      const text = 'rooks and hedges '.repeat(100_000)
      expect(await put('downloads/one.txt', text, 10_000_000)).toEqual({
        byteSize: text.length,
        sha256: createHash('sha256').update(text).digest('hex'),
      })
      expect(await textOf('downloads/one.txt')).toBe(text)
    })

    test('may be empty', async () => {
      expect(await put('downloads/empty.txt', '')).toMatchObject({ byteSize: 0 })
      expect(await textOf('downloads/empty.txt')).toBe('')
    })

    test('are read in part, both ends included', async () => {
      await put('downloads/one.txt', '0123456789')
      expect(await textOf('downloads/one.txt', { start: 0, end: 0 })).toBe('0')
      expect(await textOf('downloads/one.txt', { start: 3, end: 5 })).toBe('345')
      expect(await textOf('downloads/one.txt', { start: 9, end: 9 })).toBe('9')
    })

    test('that are not there are undefined, and removing them is no error', async () => {
      expect(await files.read('downloads/none.txt')).toBeUndefined()
      await files.remove('downloads/none.txt')
    })

    test('are gone when removed, the others are not', async () => {
      await put('downloads/one.txt', 'one')
      await put('downloads/two.txt', 'two')
      await files.remove('downloads/one.txt')
      expect(await files.read('downloads/one.txt')).toBeUndefined()
      expect(await textOf('downloads/two.txt')).toBe('two')
    })

    test('past the limit are refused, and nothing of them stays', async () => {
      await expect(put('downloads/big.txt', 'x'.repeat(101), 100)).rejects.toThrow(TooLargeError)
      expect(await files.read('downloads/big.txt')).toBeUndefined()
      expect(await put('downloads/fits.txt', 'x'.repeat(100), 100)).toMatchObject({ byteSize: 100 })
    })

    test('whose source breaks off are not there; what stood there before is', async () => {
      await put('downloads/one.txt', 'before')
      const broken = async function* () {
        yield Buffer.from('half of ')
        throw new Error('the line broke')
      }
      await expect(files.put('downloads/one.txt', broken(), 1_000)).rejects.toThrow('broke')
      await expect(files.put('downloads/two.txt', broken(), 1_000)).rejects.toThrow('broke')
      expect(await textOf('downloads/one.txt')).toBe('before')
      expect(await files.read('downloads/two.txt')).toBeUndefined()
    })

    test('put again under the same key are the newer ones, whole', async () => {
      await put('downloads/one.txt', 'a longer first one')
      await put('downloads/one.txt', 'second')
      expect(await textOf('downloads/one.txt')).toBe('second')
    })

    test('put twice at once are one of the two, whole', async () => {
      const texts = ['a'.repeat(50_000), 'b'.repeat(50_000)]
      await Promise.all(texts.map((text) => put('downloads/one.txt', text)))
      expect(texts).toContain(await textOf('downloads/one.txt'))
    })

    test('are listed below a prefix with their sizes, as many as asked for', async () => {
      for (const key of ['images/a.webp', 'images/b.webp', 'downloads/c.pdf']) await put(key, 'xyz')
      const listed = await files.list('images', 10)
      expect(listed.map(({ key }) => key).sort()).toEqual(['images/a.webp', 'images/b.webp'])
      expect(listed.every(({ byteSize }) => byteSize === 3)).toBe(true)
      expect(await files.list('images', 1)).toHaveLength(1)
      expect(await files.list('nowhere', 10)).toEqual([])
    })

    test('half-written ones are not listed, and are removed when they are old', async () => {
      await remnant(files)
      expect(await files.list('downloads', 10)).toEqual([])
      expect(await files.list('', 10)).toEqual([])
      expect(await files.removeDrafts(new Date(0))).toBe(0)
      expect(await files.removeDrafts(new Date(8.64e15))).toBe(1)
      expect(await files.removeDrafts(new Date(8.64e15))).toBe(0)
    })

    test.each([
      '',
      'one',
      '/etc/passwd',
      'downloads/../../secret',
      'downloads/..',
      '../one.txt',
      'downloads//one.txt',
      'downloads/One.txt',
      'downloads/one.txt/',
      String.raw`downloads\one.txt`,
      'downloads/one\0.txt',
      'downloads/.hidden',
      `downloads/${'x'.repeat(200)}.txt`,
    ])('are never named %j', async (key) => {
      await expect(put(key, 'x')).rejects.toThrow('storage key')
      await expect(files.read(key)).rejects.toThrow('storage key')
      await expect(files.remove(key)).rejects.toThrow('storage key')
    })
  })
}

async function* inPieces(text: string, pieces: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  const length = Math.ceil(bytes.length / pieces) || 1
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
