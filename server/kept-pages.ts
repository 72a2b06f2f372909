import { createHash } from 'node:crypto'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/** A finished public page, in every form it is asked for. */
export interface KeptPage {
  readonly version: number
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly etag: string
  readonly plain: Buffer
  readonly gzip: Buffer
  readonly brotli: Buffer
}

/** Together at most this many bytes (all forms counted); the longest unused go first. */
const limitBytes = 32_000_000

/**
 * Public pages as they were last rendered, for visitors who are nobody in particular. A page is good as long
 * as the number of the public state (bumped by every change that a public page shows) is the one it was made at.
 */
export class KeptPages {
  readonly #pages = new Map<string, KeptPage>()
  #bytes = 0

  find(address: string, version: number): KeptPage | undefined {
    const page = this.#pages.get(address)
    if (!page) return undefined
    this.#pages.delete(address)
    if (page.version !== version) {
      this.#bytes -= sizeOf(page)
      return undefined
    }
    this.#pages.set(address, page) // again the newest
    return page
  }

  /** The page as it was last made, whatever changed since: for when a new one cannot be made. */
  last(address: string): KeptPage | undefined {
    return this.#pages.get(address)
  }

  keep(address: string, page: KeptPage): void {
    const size = sizeOf(page)
    if (size > limitBytes / 8) return
    const old = this.#pages.get(address)
    if (old) {
      this.#pages.delete(address)
      this.#bytes -= sizeOf(old)
    }
    this.#pages.set(address, page)
    this.#bytes += size
    for (const [oldest, dropped] of this.#pages) {
      if (this.#bytes <= limitBytes) break
      this.#pages.delete(oldest)
      this.#bytes -= sizeOf(dropped)
    }
  }
}

function sizeOf(page: KeptPage): number {
  return page.plain.length + page.gzip.length + page.brotli.length
}

export function finishPage(
  version: number,
  status: number,
  headers: KeptPage['headers'],
  plain: Buffer,
): KeptPage {
  return {
    version,
    status,
    headers,
    etag: etagOf(plain),
    plain,
    gzip: gzipSync(plain, { level: 6 }),
    // Quality 5 costs about a millisecond for a page and is within a few per cent of the best.
    brotli: brotliCompressSync(plain, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 5,
        [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
      },
    }),
  }
}

/** Weak: the same page in another compression is still the same page. */
export function etagOf(bytes: Buffer): string {
  return `W/"${createHash('sha1').update(bytes).digest('base64url').slice(0, 22)}"`
}
