import type { IncomingHttpHeaders } from 'node:http'

/** How a text may be packed. */
export type Coding = 'br' | 'gzip' | 'zstd'

/** The coding as one element of the list, with its weight. `*` alone is not taken for a yes: no browser means it so. */
const elements: Readonly<Record<Coding, RegExp>> = {
  br: /(?:^|,)\s*br\s*(?:;\s*q=([\d.]+)\s*)?(?:,|$)/i,
  gzip: /(?:^|,)\s*gzip\s*(?:;\s*q=([\d.]+)\s*)?(?:,|$)/i,
  zstd: /(?:^|,)\s*zstd\s*(?:;\s*q=([\d.]+)\s*)?(?:,|$)/i,
}

/** Whether the reader can unpack this coding: it is named, and not with the weight 0, which refuses it (RFC 9110 12.5.3). */
export function accepts(headers: IncomingHttpHeaders, coding: Coding): boolean {
  const accepted = headers['accept-encoding'] ?? ''
  const named = elements[coding].exec(Array.isArray(accepted) ? accepted.join() : accepted)
  return named !== null && (named[1] === undefined || Number(named[1]) > 0)
}

/** Whether the reader holds these bytes already: one of the validators is theirs, compared weakly (RFC 9110 13.1.2). */
export function holdsAlready(headers: IncomingHttpHeaders, etag: string): boolean {
  const held = headers['if-none-match']
  if (held === undefined) return false
  const bare = etag.replace(/^W\//, '')
  return (
    held.trim() === '*' || held.split(',').some((one) => one.trim().replace(/^W\//, '') === bare)
  )
}
