import { a4, block, dots, line, pdfOf, words, type PdfPage } from './example-pdf.ts'

const margin = 48
const inner = a4.width - 2 * margin

const questions = [
  ['What is it for?', 'If it works, what is different a month later?', 3],
  ['Who will see it, and where?', 'On paper, on a phone, on a wall, in a queue?', 3],
  ['What must be in it?', 'Names, dates, words that may not be changed.', 3],
  ['What must not?', 'The easiest question to answer, and the most useful.', 2],
  ['By when, and why then?', 'The reason tells which half of the date is soft.', 2],
  ['What may it cost?', 'A range is an answer. “Not much” is not.', 1],
  ['Who says yes?', 'One name.', 1],
] as const

/** The commission sheet of the example shop: one page to ask with, one to agree on. */
export function briefSheetPdf(): Uint8Array {
  return pdfOf('The Brief Sheet', [ask(), agree()])
}

function head(title: string, lead: string): string[] {
  const top = a4.height - margin - 20
  return [
    words(margin, top, title, { size: 26, font: 'italic' }),
    words(margin, top - 20, lead, { size: 10, font: 'serif', grey: 0.35 }),
    line([margin, top - 32], [a4.width - margin, top - 32], 0.75, 0.2),
  ]
}

function ask(): PdfPage {
  let y = a4.height - margin - 82
  const marks = head(
    'Before we begin',
    'Seven questions. Twenty minutes together are better than twenty mails.',
  )
  for (const [question, hint, rows] of questions) {
    marks.push(words(margin, y, question, { size: 11, font: 'bold' }))
    marks.push(words(margin + 190, y, hint, { size: 10, font: 'italic', grey: 0.4 }))
    for (let row = 1; row <= rows; row++) marks.push(dots([margin, y - 6 - row * 20], inner, 6))
    y -= rows * 20 + 36
  }
  return { ...a4, marks }
}

function agree(): PdfPage {
  const top = a4.height - margin - 82
  const rows = [
    'What will be made',
    'What will not',
    'First look on',
    'Done on',
    'Price, and when it is paid',
    'Changes after the first look',
  ]
  return {
    ...a4,
    marks: [
      ...head('So we agree', 'Read it aloud to each other. What sounds odd now is dear later.'),
      ...rows.flatMap((name, at) => [
        words(margin, top - at * 74, name, { size: 11, font: 'bold' }),
        dots([margin, top - at * 74 - 26], inner, 6),
        dots([margin, top - at * 74 - 46], inner, 6),
      ]),
      block(margin - 10, margin + 6, inner + 20, 92, 0.945),
      ...['For the one who makes it', 'For the one who asked'].flatMap((name, at) => {
        const x = margin + at * (inner / 2 + 8)
        return [
          line([x, margin + 46], [x + inner / 2 - 8, margin + 46], 0.75, 0.3),
          words(x, margin + 30, name, { size: 8.5, grey: 0.4 }),
        ]
      }),
    ],
  }
}
