/** `21 Nov 2025, 22:41:07 UTC` */
export function instant(ms: number): string {
  const date = new Date(ms).toLocaleDateString('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })
  return `${date}, ${clockTime(ms)} UTC`
}

/** `22:41:07` */
function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19)
}

/** `21 Nov 22:41:07`, for rows of a table. */
export function shortInstant(ms: number): string {
  const day = new Date(ms).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  })
  return `${day} ${clockTime(ms)}`
}

/** `8 d 3 h`: the two largest parts. */
export function duration(ms: number): string {
  const parts: [number, string][] = [
    [Math.floor(ms / 86_400_000), 'd'],
    [Math.floor(ms / 3_600_000) % 24, 'h'],
    [Math.floor(ms / 60_000) % 60, 'min'],
    [Math.floor(ms / 1_000) % 60, 's'],
  ]
  const first = parts.findIndex(([count]) => count > 0)
  if (first < 0) return `${Math.round(ms)} ms`
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}
