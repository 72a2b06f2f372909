import type { Readable } from 'node:stream'

/**
 * Where bytes live. One contract suite (storage.contract.ts) holds for every adapter. A place that cannot be reached, or that
 * does not let the shop in, is a StorageUnavailableError from every function.
 */
export interface FileStorage {
  /**
   * Takes all bytes of source and stores them under key; nothing is to be seen under the key before all
   * are safe. Returns what was really stored. Rejects with TooLargeError past limitBytes, leaving nothing.
   */
  put(
    key: string,
    source: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): Promise<{ byteSize: number; sha256: string }>
  /**
   * The bytes from start to end (both included, as in HTTP ranges), or all. undefined when there are none.
   * The stream ends with an error when bytes go missing while it is read.
   */
  read(
    key: string,
    range?: { readonly start: number; readonly end: number },
  ): Promise<{ stream: Readable; byteSize: number } | undefined>
  /** No error when there is nothing. */
  remove(key: string): Promise<void>
  /** Keys below a prefix with size and age, at most `most`. */
  list(
    prefix: string,
    most: number,
  ): Promise<readonly { key: string; byteSize: number; modifiedAt: Date }[]>
  /** Removes what interrupted puts left half-written before that moment. Returns how many. */
  removeDrafts(before: Date): Promise<number>
}

/**
 * Files cannot be read or written just now: the store is silent (it may be back in a minute), or it refuses the shop (somebody
 * has to correct the settings). The message is for the owner and names no secret.
 */
export class StorageUnavailableError extends Error {
  override name = 'StorageUnavailableError'
  readonly reason: 'silent' | 'refused'
  constructor(reason: 'silent' | 'refused', message: string) {
    super(message)
    this.reason = reason
  }
}

export class TooLargeError extends Error {
  override name = 'TooLargeError'
}

const keyShape = /^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*(\.[a-z0-9]+)?){1,4}$/

/** Keys are ours, never a name from outside: lower-case letters, digits, dashes, slashes. Throws otherwise. */
export function assertStorageKey(key: string): void {
  if (key.length > 200 || !keyShape.test(key))
    throw new Error(`Not a storage key: ${JSON.stringify(key)}`)
}
