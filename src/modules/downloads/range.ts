/** Bytes of a file that a request asks for, both ends included. */
export type WantedBytes =
  | { readonly kind: 'all' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  /** No byte of the file is in it: 416. */
  | { readonly kind: 'outside' }

/**
 * Reads a Range header for a file of so many bytes. As RFC 9110 14.2 allows, anything but one well-formed range in
 * bytes is answered with the whole file.
 */
export function wantedBytes(header: string | null, byteSize: number): WantedBytes {
  const match = header === null ? null : /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header)
  const [, first, last] = match ?? []
  if (first === undefined || last === undefined || (first === '' && last === ''))
    return { kind: 'all' }
  if (first === '') {
    const length = position(last)
    if (length === 0 || byteSize === 0) return { kind: 'outside' }
    return { kind: 'part', start: Math.max(0, byteSize - length), end: byteSize - 1 }
  }
  const start = position(first)
  const end = last === '' ? byteSize - 1 : Math.min(position(last), byteSize - 1)
  if (last !== '' && position(last) < start) return { kind: 'all' } // malformed, not unsatisfiable
  if (start >= byteSize) return { kind: 'outside' }
  return { kind: 'part', start, end }
}

/** Digits as a number; more than any file has become "far beyond its end". */
function position(digits: string): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER)
}

/**
 * Whether the part may be sent: the If-Range header, if there is one, names just this file (RFC 9110 13.1.5). A
 * client that resumes a download of what has been replaced meanwhile gets the new file whole, never a mixture.
 */
export function isSameFile(
  ifRange: string | null,
  file: { readonly etag: string; readonly lastModified: string },
): boolean {
  return ifRange === null || ifRange === file.etag || ifRange === file.lastModified
}
