/** Milliseconds in each unit a duration may be written in. */
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000
export const MINUTE_MS = 60_000

/** `"8d"`, `"36h"`, `"90s"`, `"1d 12h"` in milliseconds; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  const parts = text.trim().split(/\s+/)
  let total = 0
  for (const part of parts) {
    const match = /^(\d+(?:\.\d+)?)(ms|[smhdw])$/.exec(part)
    const unit = UNIT_MS[match?.[2] ?? '']
    if (match?.[1] === undefined || unit === undefined) return undefined
    total += Number(match[1]) * unit
  }
  return Math.round(total)
}
