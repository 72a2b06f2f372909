import { briefSheetPdf } from './example-brief-sheet.ts'
import { a4, letter } from './example-pdf.ts'
import { quietLinesPdf } from './example-papers.ts'
import { plannerPdf, singleWeekPdf } from './example-planner.ts'
import { tidemarkBullet, tidemarksSheet, tidemarksSymbols } from './example-tidemarks.ts'

export interface ExampleVersion {
  readonly label: string
  readonly changes: string
  readonly fileName: string
  /** Made when the example shop is laid out. */
  bytes(): Uint8Array
}

export type ExampleItem =
  | {
      readonly kind: 'file'
      readonly title: string
      readonly note: string
      /** Oldest first. */
      readonly versions: readonly ExampleVersion[]
    }
  | { readonly kind: 'link'; readonly title: string; readonly note: string; readonly url: string }
  | {
      readonly kind: 'snippet'
      readonly title: string
      readonly note: string
      readonly body: string
      readonly language: string
    }

export interface ExampleDownload {
  readonly title: string
  readonly summary: string
  readonly descriptionMd: string
  /** As an owner would type it, in whatever the shop's currency is. */
  readonly price: string
  /** Buyers pay what they want from the price on; what stands in the field at first. */
  readonly suggested?: string
  readonly position: number
  readonly greeting: string
  readonly directionsMd: string
  readonly items: readonly ExampleItem[]
}

const text = (words: string) => () => Buffer.from(words)

/** Joins lines that are broken here only to be read here; headings and the items of lists keep theirs. */
function flowing(words: string): string {
  const lines: string[] = []
  for (const line of words.split('\n')) {
    const before = lines.at(-1) ?? ''
    const goesOn = before !== '' && !before.startsWith('#') && /^[^#\-\d`]/.test(line)
    if (goesOn) lines[lines.length - 1] = `${before} ${line}`
    else lines.push(line)
  }
  return lines.join('\n')
}

const planner: ExampleDownload = {
  title: 'The Wednesday Planner',
  summary: 'A week on one sheet, planned in two halves, because no plan survives Wednesday.',
  price: '18',
  position: 1,
  descriptionMd:
    flowing(`Most planners ask you on Monday what Friday will look like. Nobody knows that on Monday.

This one asks for three days. Then comes a grey band across the sheet, the **Wednesday check**: ten minutes, three
questions, before anything is answered. What moved? What may go? What still matters by Friday? Only what is left after
that goes into the second half of the week.

## How it is made
- Undated, one sheet a week. Print it when you need it, skip it when you are away.
- Fine dots instead of lines: kinder to a pen, and quiet when they stay empty.
- One circle a day for the one thing that makes the day a good one. The weekend has no circle.
- A4 and US Letter, black on white. It looks the same from a cheap printer.

## What you get
The week, a month to see it from above, dotted notes for the back, and a page that explains the method. When a better
edition comes out it is yours as well, and the earlier ones stay where they are.`),
  greeting: 'Good to have you here. May your next Wednesday be calmer.',
  directionsMd: `1. Take the edition for your paper, **A4** or **US Letter**.
2. Print it at 100 %, the week on the front and the notes on the back.
3. On Monday fill in three days only. The sheet tells you the rest.`,
  items: [
    {
      kind: 'file',
      title: 'Planner for A4',
      note: 'Four pages: method, month, week, notes',
      versions: [
        {
          label: '1.0',
          changes: 'First edition: the week and the notes.',
          fileName: 'wednesday-planner-a4.pdf',
          bytes: () => plannerPdf(a4, '1.0'),
        },
        {
          label: '1.1',
          changes: 'A page that explains the method.',
          fileName: 'wednesday-planner-a4.pdf',
          bytes: () => plannerPdf(a4, '1.1'),
        },
        {
          label: '2.0',
          changes: 'A month to see the weeks from above, asked for by many of you.',
          fileName: 'wednesday-planner-a4.pdf',
          bytes: () => plannerPdf(a4, '2.0'),
        },
      ],
    },
    {
      kind: 'file',
      title: 'Planner for US Letter',
      note: 'The same four pages, drawn for Letter',
      versions: [
        {
          label: '1.1',
          changes: 'First edition for Letter.',
          fileName: 'wednesday-planner-letter.pdf',
          bytes: () => plannerPdf(letter, '1.1'),
        },
        {
          label: '2.0',
          changes: 'A month to see the weeks from above.',
          fileName: 'wednesday-planner-letter.pdf',
          bytes: () => plannerPdf(letter, '2.0'),
        },
      ],
    },
    {
      kind: 'file',
      title: 'The twelve-week list',
      note: 'Opens in any spreadsheet, for those who keep score',
      versions: [
        {
          label: '1.0',
          changes: '',
          fileName: 'twelve-weeks.csv',
          bytes: text(
            [
              'Week,Moved on Wednesday,Let go on Wednesday,Done by Friday,In one sentence',
              ...Array.from({ length: 12 }, (_, at) => `${at + 1},,,,`),
              '',
            ].join('\r\n'),
          ),
        },
      ],
    },
  ],
}

const tidemarks: ExampleDownload = {
  title: 'Tidemarks',
  summary: 'Twenty-four small marks for margins, lists and envelopes, drawn with one even line.',
  price: '9',
  position: 2,
  descriptionMd:
    flowing(`Sun, gull, cairn, knot, bell: twenty-four small drawings of what lies around at low tide, made to stand
beside words without shouting over them.

Each is one even stroke in a square, so they keep together at any size. They take the colour of the text around them,
print crisp at four millimetres, and weigh next to nothing on a page.

## Good for
- list bullets and chapter ends
- labels, stamps and the backs of envelopes
- a website that wants a few signs of its own

You may use them in your own work and in work for clients. Please do not sell the drawings themselves.`),
  greeting: 'They are yours. Use them small; that is where they are happiest.',
  directionsMd: `For **print**, open the sheet in a drawing program and take out what you need: every mark is a group with its name.

For a **website**, put the second file beside your pages and show a mark by its name:
\`<svg width="24" height="24"><use href="tidemarks-web.svg#gull"/></svg>\``,
  items: [
    {
      kind: 'file',
      title: 'The sheet',
      note: 'All twenty-four, named, as vectors',
      versions: [
        {
          label: '1',
          changes: 'Twenty marks.',
          fileName: 'tidemarks-sheet.svg',
          bytes: () => tidemarksSheet('1'),
        },
        {
          label: '1.1',
          changes: 'Four more: rain, wind, ladder and bell. The gull flies a little higher.',
          fileName: 'tidemarks-sheet.svg',
          bytes: () => tidemarksSheet('1.1'),
        },
      ],
    },
    {
      kind: 'file',
      title: 'For the web',
      note: 'The same marks as symbols in one small file',
      versions: [
        {
          label: '1',
          changes: 'Twenty marks.',
          fileName: 'tidemarks-web.svg',
          bytes: () => tidemarksSymbols('1'),
        },
        {
          label: '1.1',
          changes: 'The four new marks. Names stay as they were, so pages need no change.',
          fileName: 'tidemarks-web.svg',
          bytes: () => tidemarksSymbols('1.1'),
        },
      ],
    },
    {
      kind: 'snippet',
      title: 'A list with gulls',
      note: 'Paste it into your stylesheet and give a list the class gull-list',
      language: 'CSS',
      body: tidemarkBullet('gull'),
    },
    {
      kind: 'link',
      title: 'Colouring drawings with a stylesheet',
      note: 'A good page on strokes and fills, if you have not done it before',
      url: 'https://developer.mozilla.org/en-US/docs/Web/SVG/Tutorials/SVG_from_scratch/Fills_and_strokes',
    },
  ],
}

const briefSheet: ExampleDownload = {
  title: 'The Brief Sheet',
  summary: 'Seven questions that turn “could you make something?” into a job you can begin.',
  price: '4',
  position: 3,
  descriptionMd:
    flowing(`Every vague commission is vague in the same seven places. This sheet asks about them, in the order in which
people can answer.

The first page is filled in together, in about twenty minutes. The second is what you both agreed on, short enough to be
read aloud, with a line for each of you at the end.

With it comes the mail to send along, so that nobody takes seven questions for an interrogation.`),
  greeting: 'Thank you. May your next job begin with clear answers.',
  directionsMd:
    'Print both pages, or fill them in on a tablet. Send the mail below a day before you meet; it asks for nothing but a little thought.',
  items: [
    {
      kind: 'file',
      title: 'The Brief Sheet',
      note: 'One page to ask with, one to agree on',
      versions: [
        { label: '1', changes: '', fileName: 'the-brief-sheet.pdf', bytes: briefSheetPdf },
      ],
    },
    {
      kind: 'snippet',
      title: 'The mail to send along',
      note: 'Change what you like; the last sentence is the one that works',
      language: 'Text',
      body: `Hello,

I am looking forward to our talk. To make good use of your time I bring one sheet with seven questions: what it is for, who will see it, what must be in it and what must not, by when, for how much, and who says yes.

You need not prepare anything. But if one of them makes you pause, that is the one we should begin with.

Until then!`,
    },
  ],
}

const quietLines: ExampleDownload = {
  title: 'Quiet Lines',
  summary: 'Four writing papers that stay out of the way. Pay what they are worth to you.',
  price: '3',
  suggested: '6',
  position: 5,
  descriptionMd:
    flowing(`Paper that shouts its lines at you is hard to think on. These four are printed so lightly that they
are there for the hand and gone for the eye: **lines**, **dots**, **squares**, and **verse**, which is set narrow and breathes
after every third line.

## Why you say the price
They took an afternoon, and some people print one sheet while others print a year of notebooks. So the price begins at the
cost of keeping them here, and the rest is yours to judge.`),
  greeting: 'Thank you for saying what they are worth. Write something long on them.',
  directionsMd:
    'Print at 100 %, on both sides if your paper is heavy enough. A **cheap printer** is fine: the lines are grey, not thin.',
  items: [
    {
      kind: 'file',
      title: 'Papers for A4',
      note: 'Four sheets: lines, dots, squares, verse',
      versions: [
        { label: '1', changes: '', fileName: 'quiet-lines-a4.pdf', bytes: () => quietLinesPdf(a4) },
      ],
    },
    {
      kind: 'file',
      title: 'Papers for US Letter',
      note: 'The same four sheets',
      versions: [
        {
          label: '1',
          changes: '',
          fileName: 'quiet-lines-letter.pdf',
          bytes: () => quietLinesPdf(letter),
        },
      ],
    },
  ],
}

const oneWednesday: ExampleDownload = {
  title: 'One Wednesday',
  summary: 'A single week of the planner, to print and try before you decide.',
  price: '0',
  position: 6,
  descriptionMd:
    flowing(`A planner is only as good as its third week, and nobody can tell from a picture. So take one week for
nothing: fill it in on Monday, stop on Wednesday for ten minutes, and see whether Friday feels different.

The second page explains the method. If it is not for you, you have lost a sheet of paper; if it is, **The Wednesday Planner**
has the months, the notes and every new edition.`),
  greeting: 'Here is your week. It works best when you do not fill in Thursday yet.',
  directionsMd:
    'Print the first page at 100 %. The second one explains the grey band in the middle.',
  items: [
    {
      kind: 'file',
      title: 'One week for A4',
      note: 'The week, and how it is meant',
      versions: [
        {
          label: '1',
          changes: '',
          fileName: 'one-wednesday-a4.pdf',
          bytes: () => singleWeekPdf(a4),
        },
      ],
    },
    {
      kind: 'file',
      title: 'One week for US Letter',
      note: 'The same, drawn for Letter',
      versions: [
        {
          label: '1',
          changes: '',
          fileName: 'one-wednesday-letter.pdf',
          bytes: () => singleWeekPdf(letter),
        },
      ],
    },
  ],
}

/** What the example studio sells in this way. No pictures: their covers are drawn by the program. */
export const exampleDownloads: readonly ExampleDownload[] = [
  planner,
  tidemarks,
  briefSheet,
  quietLines,
  oneWednesday,
]
