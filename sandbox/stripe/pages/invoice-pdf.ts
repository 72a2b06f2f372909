import type { Invoice } from '../engine/objects/invoice.ts'
import { plainMoney } from '../engine/currencies.ts'
import { longDay } from './checkout-words.ts'

const LINE_HEIGHT = 18

const TOP = 780

/** A small PDF of an invoice: one page of plain text, in the letters every reader has. */
export function invoicePdf(invoice: Invoice): string {
  const money = (amount: number): string =>
    `${invoice.currency.toUpperCase()} ${plainMoney(amount, invoice.currency)}`
  const lines = [
    `Invoice ${invoice.number ?? invoice.id}`,
    '',
    `Date: ${longDay(invoice.effective_at ?? invoice.created)}`,
    `To: ${[invoice.customer_name, invoice.customer_email].filter((one) => one !== null).join(', ')}`,
    `Status: ${invoice.status}`,
    '',
    ...invoice.lines.data.map((line) => `${line.description ?? ''}: ${money(line.amount)}`),
    '',
    `Subtotal: ${money(invoice.subtotal)}`,
    ...(invoice.total === invoice.subtotal
      ? []
      : [`Discount: ${money(invoice.total - invoice.subtotal)}`]),
    `Total: ${money(invoice.total)}`,
    `Paid: ${money(invoice.amount_paid)}`,
    '',
    'SANDBOX: play money. This is no invoice for your books.',
  ]
  return pdf(lines)
}

/** A PDF of one page with these lines. Characters outside ASCII are written as the nearest word. */
function pdf(lines: readonly string[]): string {
  const text = lines
    .map((line, at) => `1 0 0 1 56 ${TOP - at * LINE_HEIGHT} Tm (${escaped(line)}) Tj`)
    .join('\n')
  const content = `BT\n/F1 11 Tf\n${text}\nET`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let file = '%PDF-1.4\n'
  const offsets = objects.map((object, at) => {
    const offset = file.length
    file += `${at + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const start = file.length
  return `${file}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`
}

/** Every character is one byte, so that lengths and offsets are those of the text. */
function escaped(line: string): string {
  return line
    .replaceAll('×', 'x')
    .replaceAll('€', 'EUR ')
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .replaceAll(/[\\()]/g, '\\$&')
    .slice(0, 200)
}
