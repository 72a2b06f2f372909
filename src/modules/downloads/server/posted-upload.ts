/** A posted form that ends with a file: its fields, and the file's bytes as they arrive. */
export interface PostedUpload {
  readonly fields: ReadonlyMap<string, string>
  /** As the browser tells it; '' when no file was chosen. */
  readonly fileName: string
  readonly source: AsyncIterable<Uint8Array>
}

/** The body is not a form as browsers send it, or it broke off. */
export class MalformedUploadError extends Error {
  override name = 'MalformedUploadError'
}

const mostParts = 20
const longestHeaders = 8_000
const longestField = 64_000

/**
 * Reads a multipart/form-data body up to its first file part, whose bytes are then streamed and never gathered: Kit's
 * own formData() would hold all of them in memory. The form's text fields must stand before the file; what follows
 * it is not read. Throws MalformedUploadError, also from source when the body ends inside the file.
 * Source of the format: RFC 7578, and the HTML standard on how browsers escape names.
 */
export async function readUpload(
  contentType: string | null,
  body: AsyncIterable<Uint8Array>,
): Promise<PostedUpload> {
  const boundary = /^multipart\/form-data;.*\bboundary="?([\w'()+,./:=?-]{1,70})"?/i.exec(
    contentType ?? '',
  )?.[1]
  if (boundary === undefined) throw new MalformedUploadError('This is not a form with a file.')
  const reader = new BodyReader(body)
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  await reader.until(delimiter, 1_000)
  const fields = new Map<string, string>()
  for (let part = 0; part < mostParts; part++) {
    if ((await reader.take(2)).toString('latin1') !== '\r\n') break // "--": no further part
    const headers = (await reader.until(headersEnd, longestHeaders)).toString('utf8')
    const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(headers)?.[1] ?? ''
    const fileName = parameter(disposition, 'filename')
    if (fileName !== undefined) return { fields, fileName, source: reader.stream(delimiter) }
    const value = await reader.until(delimiter, longestField)
    fields.set(parameter(disposition, 'name') ?? '', value.toString('utf8'))
  }
  return { fields, fileName: '', source: nothing() }
}

const headersEnd = Buffer.from('\r\n\r\n')

function parameter(disposition: string, name: string): string | undefined {
  const value = new RegExp(`;?\\s*\\b${name}="([^"]*)"`, 'i').exec(disposition)?.[1]
  return value?.replace(/%22/g, '"').replace(/%0D/gi, '\r').replace(/%0A/gi, '\n')
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // No file was chosen.
}

/** Looks for marks in a stream of chunks, however they are cut. */
class BodyReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  // A form begins with its first boundary; as if a line had ended before it, all boundaries look the same.
  #buffer: Buffer = Buffer.from('\r\n')

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#chunks = body[Symbol.asyncIterator]()
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#chunks.next()
    if (done) throw new MalformedUploadError('The form broke off.')
    this.#buffer = Buffer.concat([this.#buffer, value])
  }

  async take(length: number): Promise<Buffer> {
    while (this.#buffer.length < length) await this.#more()
    return this.#cut(length)
  }

  /** All up to the mark, which is passed over. */
  async until(mark: Buffer, most: number): Promise<Buffer> {
    for (;;) {
      const at = this.#buffer.indexOf(mark)
      if (at > most || (at === -1 && this.#buffer.length > most + mark.length))
        throw new MalformedUploadError('A part of the form is too long.')
      if (at !== -1) {
        const found = this.#cut(at)
        this.#cut(mark.length)
        return found
      }
      await this.#more()
    }
  }

  /** The same without a limit, in pieces; holds back only what may be the beginning of the mark. */
  async *stream(mark: Buffer): AsyncGenerator<Uint8Array> {
    for (;;) {
      const at = this.#buffer.indexOf(mark)
      const sure = at === -1 ? this.#buffer.length - mark.length + 1 : at
      if (sure > 0) yield this.#cut(sure)
      if (at !== -1) return
      await this.#more()
    }
  }

  #cut(length: number): Buffer {
    const piece = this.#buffer.subarray(0, length)
    this.#buffer = this.#buffer.subarray(length)
    return piece
  }
}
