/** The words of a 429, and the header that tells programs the same. what: "Many codes were asked for". */
export function tooMany(
  event: { setHeaders(headers: Record<string, string>): void },
  what: string,
  retryAfterSeconds: number,
): string {
  event.setHeaders({ 'retry-after': String(retryAfterSeconds) })
  return `${what} just now. Please try again in ${waitWords(retryAfterSeconds)}.`
}

function waitWords(seconds: number): string {
  if (seconds <= 60) return 'a minute'
  if (seconds <= 3_600) return `${Math.ceil(seconds / 60)} minutes`
  return `${Math.ceil(seconds / 3_600)} hours`
}
