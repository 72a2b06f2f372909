import type { Paper } from './example-planner.ts'
import { dots, line, pdfOf, words, type PdfPage } from './example-pdf.ts'

const margin = 48

/** The writing papers of the example shop: four ways to leave a page nearly empty. */
export function quietLinesPdf(paper: Paper): Uint8Array {
  return pdfOf('Quiet Lines', [
    sheet(paper, 'Lines', (y) => [line([margin, y], [paper.width - margin, y], 0.4, 0.72)], 22),
    sheet(paper, 'Dots', (y) => [dots([margin, y], paper.width - 2 * margin, 14)], 14),
    sheet(
      paper,
      'Squares',
      (y) => [line([margin, y], [paper.width - margin, y], 0.3, 0.8)],
      14,
      (x) => [line([x, margin], [x, paper.height - margin - 34], 0.3, 0.8)],
    ),
    sheet(
      paper,
      'Verse',
      (y, row) =>
        row % 4 === 3 ? [] : [line([margin + 96, y], [paper.width - margin - 96, y], 0.4, 0.72)],
      26,
    ),
  ])
}

function sheet(
  paper: Paper,
  name: string,
  row: (y: number, at: number) => readonly string[],
  step: number,
  column?: (x: number) => readonly string[],
): PdfPage {
  const top = paper.height - margin - 34
  const rows = Math.floor((top - margin) / step) + 1
  const columns = column ? Math.floor((paper.width - 2 * margin) / step) + 1 : 0
  return {
    ...paper,
    marks: [
      words(margin, paper.height - margin, name, { size: 9, font: 'italic', grey: 0.55 }),
      ...Array.from({ length: rows }, (_, at) => row(top - at * step, at)).flat(),
      ...Array.from({ length: columns }, (_, at) => column?.(margin + at * step) ?? []).flat(),
    ],
  }
}
