/** Names of the backups that the shop writes by itself: sorted by name they are sorted by time. */
const shape = /^sundry-(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})(\d{2})\.tar\.gz$/

/** at: when it was begun, in UTC. */
export function backupName(at: Date): string {
  return `sundry-${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}.tar.gz`
}

/** undefined for a file that the shop did not name. */
export function backupTime(name: string): Date | undefined {
  const [, year, month, day, hour, minute, second] = shape.exec(name) ?? []
  return year === undefined
    ? undefined
    : new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

/** A backup that was broken off leaves its bytes under this name. */
export function isDraft(name: string): boolean {
  return name.endsWith('.part') && backupTime(name.slice(0, -'.part'.length)) !== undefined
}

/**
 * Which of these backups are given up: all but those of the last hours, the last one of each of the last days (in UTC), and
 * always the newest two. Names that are not the shop's own are never among them.
 */
export function backupsToDrop(
  names: readonly string[],
  now: Date,
  keep: { readonly hours: number; readonly days: number },
): string[] {
  const found = names
    .flatMap((name) => {
      const at = backupTime(name)
      return at ? [{ name, at }] : []
    })
    .toSorted((one, other) => other.at.getTime() - one.at.getTime())
  const kept = new Set(found.slice(0, 2).map(({ name }) => name))
  const days = new Set<string>()
  for (const { name, at } of found) {
    const hours = (now.getTime() - at.getTime()) / 3_600_000
    if (hours <= keep.hours) kept.add(name)
    const day = at.toISOString().slice(0, 10)
    if (days.has(day)) continue
    days.add(day)
    if (hours <= keep.days * 24) kept.add(name)
  }
  return found.flatMap(({ name }) => (kept.has(name) ? [] : [name]))
}
