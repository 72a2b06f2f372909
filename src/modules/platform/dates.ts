/** How an instant is told to people. zone: IANA name, locale: BCP 47. */
export interface DateWords {
  readonly zone: string
  readonly locale: string
}

const formats = new Map<string, Intl.DateTimeFormat>()

function format(
  words: DateWords,
  key: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const name = `${words.locale} ${words.zone} ${key}`
  let found = formats.get(name)
  if (!found) {
    found = new Intl.DateTimeFormat(words.locale, { ...options, timeZone: words.zone })
    formats.set(name, found)
  }
  return found
}

/** "21 November 2026" */
export function formatDay(instant: Date, words: DateWords): string {
  return format(words, 'day', { day: 'numeric', month: 'long', year: 'numeric' }).format(instant)
}

/** "21 Nov 2026, 14:05" */
export function formatMoment(instant: Date, words: DateWords): string {
  return format(words, 'moment', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(instant)
}

/** "48 MB", "3.2 kB": decimal units, as download sizes are told everywhere. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`
}
