/**
 * Line drawings for empty places and errors, 160 x 110: `tint` are filled shapes behind, `line` the strokes before them.
 * Drawn in the shop's own colours, so they change with the brand and with the dark.
 */
export interface Drawing {
  readonly tint: readonly string[]
  readonly line: readonly string[]
}

/** Those of error pages. Every page with script loads them beforehand, so they stand apart from the others. */
export const errorDrawings = {
  /** An open parcel: a product without contents, a list without items. */
  box: {
    tint: ['M40 50l40 16v34L40 84z'],
    line: [
      'M40 50l40-16 40 16v34l-40 16-40-16z',
      'M40 50l40 16 40-16M80 66v34',
      'M40 50l-18-12 38-15 20 11M120 50l18-12-38-15-20 11',
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
