import { block, circle, dots, line, pdfOf, words, type PdfPage } from './example-pdf.ts'

export interface Paper {
  readonly width: number
  readonly height: number
}

const margin = 44
const gap = 16

/** The undated planner of the example shop, in one of its editions, for one size of paper. */
export function plannerPdf(paper: Paper, edition: '1.0' | '1.1' | '2.0'): Uint8Array {
  const pages = [
    ...(edition === '1.0' ? [] : [howTo(paper)]),
    ...(edition === '2.0' ? [month(paper)] : []),
    week(paper),
    notes(paper),
  ]
  return pdfOf(`The Wednesday Planner ${edition}`, pages)
}

/** One week of it, to try. */
export function singleWeekPdf(paper: Paper): Uint8Array {
  return pdfOf('One Wednesday', [week(paper), howTo(paper)])
}

function heading(paper: Paper, title: string, right: string): string[] {
  const top = paper.height - margin - 18
  return [
    words(margin, top, title, { size: 24, font: 'italic' }),
    words(paper.width - margin - 170, top, right, { size: 9, grey: 0.45 }),
    dots([paper.width - margin - 130, top - 2], 130, 4),
    line([margin, top - 14], [paper.width - margin, top - 14], 0.75, 0.2),
  ]
}

function day(name: string, x: number, top: number, width: number, height: number): string[] {
  const isWeekend = name === 'The weekend'
  const rows = Math.floor((height - 40) / 20)
  return [
    words(x, top - 12, name, { size: 10, font: 'bold' }),
    ...(isWeekend ? [] : [circle(x + width - 6, top - 9, 5)]),
    line([x, top - 22], [x + width, top - 22], 0.5, 0.4),
    ...Array.from({ length: rows }, (_, row) => dots([x, top - 42 - row * 20], width, 6)),
  ]
}

function week(paper: Paper): PdfPage {
  const inner = paper.width - 2 * margin
  const column = (inner - 2 * gap) / 3
  const top = paper.height - margin - 50
  const check = 118
  const half = (top - margin - check - 40) / 2
  const columns = [0, 1, 2].map((at) => margin + at * (column + gap))
  const checkTop = top - half - 14
  const lower = checkTop - check - 20
  const questions = ['What moved?', 'What may go?', 'What still matters by Friday?']
  return {
    ...paper,
    marks: [
      ...heading(paper, 'This week', 'Week of'),
      ...['Monday', 'Tuesday', 'Wednesday'].flatMap((name, at) =>
        day(name, columns[at] ?? margin, top, column, half),
      ),
      block(margin - 10, checkTop - check, inner + 20, check, 0.945),
      words(margin, checkTop - 24, 'The Wednesday check', { size: 14, font: 'italic' }),
      words(margin + 134, checkTop - 24, 'Ten minutes, before anything is answered.', {
        grey: 0.4,
      }),
      ...questions.flatMap((question, at) => [
        words(columns[at] ?? margin, checkTop - 48, question, { font: 'bold' }),
        ...[0, 1, 2].map((row) =>
          dots([columns[at] ?? margin, checkTop - 66 - row * 18], column, 6),
        ),
      ]),
      ...['Thursday', 'Friday', 'The weekend'].flatMap((name, at) =>
        day(name, columns[at] ?? margin, lower, column, lower - margin),
      ),
    ],
  }
}

function month(paper: Paper): PdfPage {
  const inner = paper.width - 2 * margin
  const top = paper.height - margin - 58
  const cell = inner / 7
  const rows = 6
  const height = Math.min(74, (top - margin - 150) / rows)
  const bottom = top - 18 - rows * height
  return {
    ...paper,
    marks: [
      ...heading(paper, 'This month', 'Month'),
      ...['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].flatMap((name, at) => [
        words(margin + at * cell + 4, top - 10, name, { size: 8, font: 'bold', grey: 0.35 }),
      ]),
      ...Array.from({ length: rows }, (_, row) => [
        block(margin + 2 * cell, top - 18 - (row + 1) * height, cell, height, 0.955),
      ]).flat(),
      ...Array.from({ length: rows + 1 }, (_, row) =>
        line([margin, top - 18 - row * height], [margin + inner, top - 18 - row * height]),
      ),
      ...Array.from({ length: 8 }, (_, at) =>
        line([margin + at * cell, top - 18], [margin + at * cell, bottom]),
      ),
      words(margin, bottom - 34, 'Three things this month is for', { size: 14, font: 'italic' }),
      ...[0, 1, 2].flatMap((row) => [
        words(margin, bottom - 62 - row * 26, String(row + 1), {
          size: 12,
          font: 'serif',
          grey: 0.4,
        }),
        dots([margin + 18, bottom - 62 - row * 26], inner - 18, 6),
      ]),
    ],
  }
}

function notes(paper: Paper): PdfPage {
  const rows = Math.floor((paper.height - 2 * margin - 60) / 14)
  return {
    ...paper,
    marks: [
      ...heading(paper, 'Notes', 'About'),
      ...Array.from({ length: rows }, (_, row) =>
        dots([margin, paper.height - margin - 60 - row * 14], paper.width - 2 * margin, 14, 0.5),
      ),
    ],
  }
}

const howToWords = [
  [
    'On Monday',
    'Fill in Monday to Wednesday only. Leave the lower half empty; it is not known yet.',
  ],
  [
    'On Wednesday',
    'Take ten minutes before you answer anything. What moved? Write down where to. What',
  ],
  ['', 'may go? Cross it out, and tell whoever waits for it. What still matters by Friday?'],
  ['', 'At most three things. Only these go into the lower half.'],
  [
    'The circles',
    'One a day, for the one thing that makes the day a good one. Fill it in when it is done.',
  ],
  ['The weekend', 'has no circle.'],
  [
    'Printing',
    'Print the week as often as you need it, on both sides with the notes. 100 %, no scaling.',
  ],
] as const

function howTo(paper: Paper): PdfPage {
  const top = paper.height - margin - 90
  return {
    ...paper,
    marks: [
      words(margin, paper.height - margin - 30, 'The Wednesday Planner', {
        size: 30,
        font: 'italic',
      }),
      line(
        [margin, paper.height - margin - 46],
        [paper.width - margin, paper.height - margin - 46],
        0.75,
        0.2,
      ),
      ...howToWords.flatMap(([name, text], row) => [
        words(margin, top - row * 22, name, { size: 10.5, font: 'bold' }),
        words(margin + 92, top - row * 22, text, { size: 10.5, font: 'serif' }),
      ]),
      words(margin, margin, 'Low Tide Studio. For your own desk, and as many copies as it needs.', {
        size: 8,
        grey: 0.45,
      }),
    ],
  }
}
