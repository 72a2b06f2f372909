/** Text and whole numbers as they are; undefined and null are empty cells. */
export type Cell = string | number | null | undefined

/** UTF-8, said so at the very beginning: spreadsheets would otherwise read another alphabet. */
export const byteOrderMark = '\ufeff'

/** One line of RFC 4180, with its line break. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/**
 * A text that a spreadsheet would take for a formula gets an apostrophe before it and is text. Figures of ours, which may be
 * below zero, are handed in by csvFigure.
 * Source: OWASP, "CSV Injection".
 */
function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'number') return String(cell)
  if (cell.startsWith(figureMark)) return cell.slice(1)
  const plain =
    /^[\s]*[=+\-@|%\t\r\n]/.test(cell) || /^[\uff0b\uff0d\uff1d\uff20]/.test(cell)
      ? `'${cell}`
      : cell
  return /[",;\r\n\t]|^\s|\s$/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

// No text of ours can hold it: it is taken out of whatever is stored.
const figureMark = '\u0000'

/** An amount as it was written out by us, e.g. "-12.34": never taken for a formula. */
export function csvFigure(written: string): string {
  return /^-?\d+(?:\.\d+)?$/.test(written) ? figureMark + written : written
}
