/** One measured figure, and what it should be. */
export interface Figure {
  readonly name: string
  readonly value: number
  /** 'a second', 'ms', 'MB' ... */
  readonly unit: string
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number }
  /** What one must know to read it: sizes, what it was compared with. */
  readonly note?: string
}

/** undefined where no goal is set. */
export function isMet(figure: Figure): boolean | undefined {
  if (!figure.goal) return undefined
  return 'atLeast' in figure.goal
    ? figure.value >= figure.goal.atLeast
    : figure.value <= figure.goal.atMost
}

export function figureWords(figure: Figure): string {
  const goal = figure.goal
    ? 'atLeast' in figure.goal
      ? `at least ${number(figure.goal.atLeast)}`
      : `at most ${number(figure.goal.atMost)}`
    : ''
  const met = isMet(figure)
  return [
    figure.name.padEnd(58),
    `${number(figure.value)} ${figure.unit}`.padEnd(18),
    goal.padEnd(15),
    (met === undefined ? '' : met ? 'met' : 'NOT MET').padEnd(8),
    figure.note ?? '',
  ]
    .join('  ')
    .trimEnd()
}

function number(value: number): string {
  if (!Number.isFinite(value)) return 'none'
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return String(Number(value.toFixed(digits)))
}
