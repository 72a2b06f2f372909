/**
 * Line drawings for empty places, 160 x 110: `tint` are filled shapes behind, `line` the strokes before them.
 * Drawn in the shop's own colours, so they change with the brand and with the dark.
 */
interface Drawing {
  readonly tint: readonly string[]
  readonly line: readonly string[]
}

export const drawings = {
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
  /** An open parcel: a product without contents, a list without items. */
  box: {
    tint: ['M40 50l40 16v34L40 84z'],
    line: [
      'M40 50l40-16 40 16v34l-40 16-40-16z',
      'M40 50l40 16 40-16M80 66v34',
      'M40 50l-18-12 38-15 20 11M120 50l18-12-38-15-20 11',
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
  /** A door left ajar: no such page, not for you, gone. */
  door: {
    tint: ['M92 20l-28 8v72l28-6z'],
    line: [
      'M10 94h140',
      'M64 94V20h44v74',
      'M64 20l28 8v66',
      'M84 58v6',
      'M122 94c0-10 3-16 8-20M130 94c0-12-2-20-6-26M138 94c-1-8 1-14 6-18',
    ],
  },
  /** A cup and a pencil: all done. */
  cup: {
    tint: ['M48 46h44v34a12 12 0 0 1-12 12H60a12 12 0 0 1-12-12z'],
    line: [
      'M48 46h44v34a12 12 0 0 1-12 12H60a12 12 0 0 1-12-12z',
      'M92 54h6a10 10 0 0 1 0 20h-6',
      'M60 36c-4-6 4-8 0-16M74 36c-4-6 4-8 0-16',
      'M24 100h112',
      'M112 96l24-52 6 3-24 52-7 4z',
    ],
  },
  /** A plug out of its socket: something is not reachable. */
  plug: {
    tint: ['M96 38h22v34H96z'],
    line: [
      'M8 55h34',
      'M42 40h16a15 15 0 0 1 0 30H42z',
      'M73 49h10M73 61h10',
      'M96 38h22v34H96zM118 55h34',
      'M88 28l-4-8M96 24l2-10M88 84l-4 8M96 88l2 10',
    ],
  },
} as const satisfies Record<string, Drawing>

export type DrawingName = keyof typeof drawings
