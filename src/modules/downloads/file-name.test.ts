import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cleanFileName, contentDisposition, fileTypeOf, titleFromFileName } from './file-name.ts'

test.each([
  ['planner.pdf', 'planner.pdf'],
  ['Wochenplaner für März.pdf', 'Wochenplaner für März.pdf'],
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\windows\\system32\\drivers.sys', 'drivers.sys'],
  ['/absolute/path.zip', 'path.zip'],
  ['C:\\Users\\me\\planner.pdf', 'planner.pdf'],
  ['..', 'file'],
  ['.', 'file'],
  ['', 'file'],
  ['   ', 'file'],
  ['.htaccess', 'htaccess'],
  ['...hidden.pdf', 'hidden.pdf'],
  ['trailing. . .', 'trailing'],
  ['a\r\nSet-Cookie: x=1.pdf', 'aSet-Cookie- x=1.pdf'],
  ['a\0b.pdf', 'ab.pdf'],
  ['invoice\u202efdp.exe', 'invoicefdp.exe'],
  ['zero\u200bwidth.pdf', 'zerowidth.pdf'],
  ['a"b;c.pdf', 'a-b-c.pdf'],
  ['a<script>.pdf', 'a-script-.pdf'],
  ['CON', 'CON-file'],
  ['nul.txt', 'nul-file.txt'],
  ['archive.tar.gz', 'archive.tar.gz'],
  ['%2e%2e%2fetc', '-2e-2e-2fetc'],
  ['é'.normalize('NFD') + '.pdf', 'é.pdf'],
  ['lone\ud800.pdf', 'lone.pdf'],
])('%j is kept as %j', (given, kept) => {
  expect(cleanFileName(given)).toBe(kept)
})

test('a very long name keeps its extension', () => {
  const name = cleanFileName(`${'long '.repeat(200)}.pdf`)
  expect(name.length).toBeLessThanOrEqual(180)
  expect(name).toMatch(/^long .*\.pdf$/)
  // A sign of two halves is not cut in the middle.
  expect(() => contentDisposition(`${'a'.repeat(175)}${'😀'.repeat(5)}.pdf`)).not.toThrow()
})

test(
  'whatever is given, the name is one that any disk and header can carry',
  { timeout: 30_000 },
  () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (given) => {
        const name = cleanFileName(given)
        expect(name.length).toBeGreaterThan(0)
        expect(name.length).toBeLessThanOrEqual(180)
        expect(name).not.toMatch(/[/\\<>:"|?*;%\p{Cc}\p{Cf}]|^\.|\.$|^\s|\s$/u)
        expect(cleanFileName(name)).toBe(name)
        const header = contentDisposition(given)
        expect(header).toMatch(/^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''[\w.~%-]+$/)
        expect(() => new Headers({ 'content-disposition': header })).not.toThrow()
      }),
    )
  },
)

test('the header carries both forms of a name', () => {
  expect(contentDisposition('Märchen & mehr.pdf')).toBe(
    `attachment; filename="Marchen & mehr.pdf"; filename*=UTF-8''M%C3%A4rchen%20%26%20mehr.pdf`,
  )
  expect(contentDisposition('日本.pdf')).toBe(
    `attachment; filename="__.pdf"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.pdf`,
  )
})

test('a name of marks alone has a plain form too', () => {
  expect(contentDisposition('\u0301')).toBe(`attachment; filename="file"; filename*=UTF-8''%CC%81`)
})

test.each([
  ['a.pdf', 'PDF', 'application/pdf'],
  ['A.PDF', 'PDF', 'application/pdf'],
  ['notes.txt', 'TXT', 'application/octet-stream'],
  ['page.html', 'HTML', 'application/octet-stream'],
  ['drawing.svg', 'SVG', 'application/octet-stream'],
  ['data.csv', 'CSV', 'application/octet-stream'],
  ['README', 'File', 'application/octet-stream'],
  ['archive.tar.gz', 'GZ', 'application/octet-stream'],
])('%s is told as %s and sent as %s', (name, words, mediaType) => {
  expect(fileTypeOf(name)).toEqual({ words, mediaType })
})

test('a file lends its name to its item until the owner finds better words', () => {
  expect(titleFromFileName('weekly-planner_v2.pdf')).toBe('weekly planner v2')
  expect(titleFromFileName('---.pdf')).toBe('File')
  expect(titleFromFileName(`${'x'.repeat(119)}🦊.pdf`)).toBe('x'.repeat(119))
})
