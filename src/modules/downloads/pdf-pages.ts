/** Larger files are not looked into. */
export const mostPdfBytes = 60_000_000

/**
 * How many pages a PDF has, where its bytes tell it for certain; undefined otherwise, never a guess. Certain are the
 * dictionary at the start of a linearized file, and plain page objects whose number equals the count in the root of
 * the page tree. Page objects packed into object streams are not unpacked.
 * Source: ISO 32000-1, 7.7.3 (page tree) and annex F (linearization).
 */
export function pdfPageCount(bytes: Uint8Array): number | undefined {
  if (bytes.length > mostPdfBytes) return undefined
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (!text.startsWith('%PDF-')) return undefined
  const start = text.slice(0, 1024)
  const linearized = /\/Linearized\s+1(?:\.0*)?\b/.test(start)
    ? /\/N\s+(\d{1,6})\b/.exec(start)
    : null
  // The dictionary also tells the length of the file it is true of; a later change makes the file longer.
  const length = /\/L\s+(\d{1,10})\b/.exec(start)
  if (linearized && Number(length?.[1]) === bytes.length) return plausible(Number(linearized[1]))
  if (text.includes('/ObjStm')) return undefined
  const pages = text.match(/\/Type\s*\/Page(?![A-Za-z])/g)?.length ?? 0
  const counts = [...text.matchAll(/\/Count\s+(\d{1,6})\b/g)].map((match) => Number(match[1]))
  return pages === Math.max(0, ...counts) ? plausible(pages) : undefined
}

function plausible(pages: number): number | undefined {
  return pages >= 1 && pages <= 100_000 ? pages : undefined
}
