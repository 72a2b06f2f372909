import { errorDrawings, type Drawing } from './error-drawings.ts'

export const drawings = {
  ...errorDrawings,
  /** A shelf with room on it: nothing bought, nothing made yet. */
  shelf: {
    tint: ['M96 26a16 16 0 1 1 0 32 16 16 0 0 1 0-32z', 'M22 44h16v44H22z'],
    line: [
      'M8 88h144',
      'M22 88V44h16v44',
      'M38 88V36h13v52',
      'M26 52h8M26 58h8',
      'M51 88l10-48 12 2.5-9.5 45.5',
      'M104 88V70h26v18M109 70c0-8 4-14 8-18M117 70c-1-9-5-13-9-15M119 70c1-10 6-15 12-17',
      'M20 88v14M140 88v14',
    ],
  },
  /** A magnifier over lines of text: nothing matched. */
  search: {
    tint: ['M88 30a22 22 0 1 1 0 44 22 22 0 0 1 0-44z'],
    line: [
      'M16 22h62M16 38h40M16 54h40M16 70h46M16 86h84',
      'M88 30a22 22 0 1 1 0 44 22 22 0 0 1 0-44z',
      'M104 68l24 24',
      'M80 46c2-4 5-6 9-6',
    ],
  },
  /** A slip of paper with a torn edge: no orders, no receipts. */
  receipt: {
    tint: ['M64 14h44v30H64z'],
    line: [
      'M52 12h56v82l-7-5-7 5-7-5-7 5-7-5-7 5-7-5-7 5z',
      'M64 30h32M64 44h32M64 58h18M90 58h6M64 72h18M90 72h6',
      'M120 40c8 2 13 8 14 16M126 28c12 4 20 14 21 26',
    ],
  },
  /** A letter on its way: no mail, look into your mailbox. */
  letter: {
    tint: ['M34 34h82L75 64z'],
    line: [
      'M34 34h82v52H34z',
      'M34 34l41 30 41-30',
      'M34 86l28-30M116 86L88 56',
      'M128 44h16M128 58h22M128 72h10',
      'M10 60h14M16 74h8',
    ],
  },
} as const satisfies Record<string, Drawing>

export type DrawingName = keyof typeof drawings
