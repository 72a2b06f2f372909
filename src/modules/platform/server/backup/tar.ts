// As much of the tar format (POSIX ustar) as a backup needs: regular files, written and read as streams. A backup can so be
// looked into with any program that opens a .tar.gz.

const blockBytes = 512
/** Twelve octal digits less the closing blank. */
const mostEntryBytes = 0o77777777777

export class TarError extends Error {
  override name = 'TarError'
}

/** The 512 bytes in front of an entry. size: how many bytes follow. Throws TarError for a name or size that does not fit. */
export function tarHeader(name: string, size: number): Buffer {
  if (!(size >= 0 && size <= mostEntryBytes)) throw new TarError(`${name} is too large.`)
  const [prefix, rest] = splitName(name)
  const header = Buffer.alloc(blockBytes)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`
  header.write(rest, 0, 100, 'utf8')
  header.write(octal(0o600, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(size, 11), 124)
  header.write(octal(0, 11), 136)
  header.write(' '.repeat(8), 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  header.write(prefix, 345, 155, 'utf8')
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** What fills up the last block of an entry. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes)
}

export const tarEnd = Buffer.alloc(2 * blockBytes)

export interface TarEntry {
  readonly name: string
  readonly size: number
  /** Has to be read to its end, or left alone, before the next entry is asked for. */
  readonly body: AsyncGenerator<Buffer, void>
}

/** Reads the entries of a tar stream one after the other. Throws TarError when it ends in the middle or is no tar. */
export async function* tarEntries(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const reader = new ByteReader(source)
  for (;;) {
    const header = await reader.exactly(blockBytes)
    // What follows is read too: at its very end the packer's own checksum is compared.
    if (header.every((byte) => byte === 0)) return reader.toTheEnd()
    const told = Number.parseInt(text(header, 148, 8), 8)
    if (told !== checksum(header)) throw new TarError('A header in the archive is damaged.')
    const prefix = text(header, 345, 155)
    const name = (prefix === '' ? '' : `${prefix}/`) + text(header, 0, 100)
    const size = Number.parseInt(text(header, 124, 12), 8)
    let left = size
    const body = async function* (): AsyncGenerator<Buffer, void> {
      while (left > 0) {
        const chunk = await reader.atMost(left)
        left -= chunk.length
        yield chunk
      }
    }
    yield { name, size, body: body() }
    while (left > 0) left -= (await reader.atMost(left)).length
    await reader.exactly(tarPadding(size).length)
  }
}

function splitName(name: string): readonly [prefix: string, rest: string] {
  if (!/^[\x21-\x7e]+$/.test(name)) throw new TarError(`Not a name for an entry: ${name}`)
  if (name.length <= 100) return ['', name]
  for (let at = name.indexOf('/'); at !== -1; at = name.indexOf('/', at + 1))
    if (at <= 155 && name.length - at - 1 <= 100) return [name.slice(0, at), name.slice(at + 1)]
  throw new TarError(`A name is too long: ${name}`)
}

/** The sum of all bytes of a header, its own field taken as blanks. */
function checksum(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0)
}

function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length)
  const end = field.indexOf(0)
  return field
    .subarray(0, end === -1 ? length : end)
    .toString('utf8')
    .trim()
}

class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]()
  }

  /** At least one byte, at most so many. */
  async atMost(length: number): Promise<Buffer> {
    while (this.#rest.length === 0) await this.#more()
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(taken.length)
    return taken
  }

  async exactly(length: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let left = length; left > 0;) {
      const part = await this.atMost(left)
      parts.push(part)
      left -= part.length
    }
    return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)
  }

  async toTheEnd(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next()
    if (next.done) throw new TarError('The archive ends in the middle.')
    this.#rest = next.value
  }
}
