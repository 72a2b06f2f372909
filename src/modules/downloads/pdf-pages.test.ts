import { expect, test } from 'vitest'
import { pdfPageCount } from './pdf-pages.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

function linearized(pages: number, extra = ''): string {
  const body = `%PDF-1.5\n1 0 obj\n<< /Linearized 1 /L LENGTH /N ${pages} /O 3 >>\nendobj\n/ObjStm\n`
  const withLength = body.replace('LENGTH', String(body.length).padStart(6, ' '))
  return withLength + extra
}

test('plain page objects are counted when the page tree agrees', () => {
  const page = '<< /Type /Page /Parent 1 0 R >>\n'
  expect(
    pdfPageCount(bytes(`%PDF-1.4\n<< /Type /Pages /Kids [] /Count 3 >>\n${page.repeat(3)}`)),
  ).toBe(3)
  expect(pdfPageCount(bytes(`%PDF-1.4\n<</Type/Pages/Count 1>><</Type/Page>>`))).toBe(1)
})

test('nothing is said when the two disagree, or pages may be hidden', () => {
  expect(pdfPageCount(bytes('%PDF-1.4\n<</Type/Pages/Count 3>><</Type/Page>>'))).toBeUndefined()
  expect(
    pdfPageCount(bytes('%PDF-1.5\n/ObjStm <</Type/Pages/Count 1>><</Type/Page>>')),
  ).toBeUndefined()
  expect(pdfPageCount(bytes('%PDF-1.4\n'))).toBeUndefined()
})

test('a linearized file tells its pages at the start, unless it was changed since', () => {
  const file = linearized(42)
  const stated = file.replace(/\/L\s+\d+/, `/L ${String(file.length).padStart(6, ' ')}`)
  expect(pdfPageCount(bytes(stated))).toBe(42)
  expect(pdfPageCount(bytes(`${stated}changed`))).toBeUndefined()
})

test('what is no PDF has no pages', () => {
  expect(pdfPageCount(bytes('<</Type/Pages/Count 1>><</Type/Page>>'))).toBeUndefined()
  expect(pdfPageCount(new Uint8Array())).toBeUndefined()
})

test('absurd numbers are not believed', () => {
  expect(pdfPageCount(bytes('%PDF-1.4\n<</Type/Pages/Count 0>>'))).toBeUndefined()
  expect(pdfPageCount(bytes(`%PDF-1.4\n<</Count 999999999999>>`))).toBeUndefined()
})
