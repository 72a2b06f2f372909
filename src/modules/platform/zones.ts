/**
 * One time zone: what its clocks show and when. Instants and wall readings are milliseconds; a wall reading is what calendar and clock show,
 * written as if it were UTC. The same in Node and in a browser, as far as both carry the same edition of the zones.
 */
export interface Zone {
  /** IANA name, as it was asked for. */
  readonly name: string
  /** What its calendar and clock show at an instant. */
  wallAt(instant: number): number
  /**
   * The earliest instant at which the zone shows this reading or a later one: of a reading that occurs twice the first, of one that clocks
   * skip the moment of the jump, of a date that never was the beginning of the next.
   */
  instantOf(wall: number): number
}

export const minuteMs = 60_000
export const dayMs = 86_400_000

const known = new Map<string, Zone>()
/** All zones that have a name fit; names can be written in many ways, and nobody may fill the memory with them. */
const mostKnown = 1_000

/** A zone by its IANA name. Throws a RangeError where there is none of that name. */
export function zoneNamed(name: string): Zone {
  let zone = known.get(name)
  if (!zone) {
    zone = new TabledZone(name)
    if (known.size >= mostKnown) known.clear()
    known.set(name, zone)
  }
  return zone
}

/** A stretch of time in which the clocks of a zone do not change. */
interface Stretch {
  readonly from: number
  readonly until: number
  /** How far the clocks are before UTC. */
  readonly offset: number
}

/** Clocks that change go back again after three weeks at the earliest; looked at so often, no change is missed. */
const stepMs = 4 * dayMs
/** Zones lie between twelve hours behind UTC and fourteen before it. */
const reachMs = 16 * 3_600_000
/** Years anybody asks about; further ones are worked out anew each time. */
const mostYears = 200

class TabledZone implements Zone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat
  readonly #years = new Map<number, readonly Stretch[]>()
  /** Who asks for one instant asks for the next one. */
  #last: Stretch = { from: 0, until: 0, offset: 0 }

  constructor(name: string) {
    this.name = name
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
  }

  wallAt(instant: number): number {
    return instant + this.#stretchAt(instant).offset
  }

  instantOf(wall: number): number {
    for (let from = wall - reachMs; ;) {
      const stretch = this.#stretchAt(from)
      const instant = Math.max(from, wall - stretch.offset)
      if (instant < stretch.until) return instant
      from = stretch.until
    }
  }

  #stretchAt(instant: number): Stretch {
    if (instant >= this.#last.from && instant < this.#last.until) return this.#last
    const found = this.#yearOf(instant).findLast(({ from }) => from <= instant)
    if (!found) throw new RangeError(`There is no such time: ${instant}`)
    return (this.#last = found)
  }

  #yearOf(instant: number): readonly Stretch[] {
    const year = new Date(instant).getUTCFullYear()
    let stretches = this.#years.get(year)
    if (!stretches) {
      stretches = this.#between(Date.UTC(year, 0), Date.UTC(year + 1, 0))
      if (this.#years.size >= mostYears) this.#years.clear()
      this.#years.set(year, stretches)
    }
    return stretches
  }

  #between(begin: number, end: number): Stretch[] {
    const stretches: Stretch[] = []
    let from = begin
    let offset = this.#offsetAt(begin)
    for (let looked = begin; looked < end;) {
      const next = Math.min(looked + stepMs, end)
      const there = this.#offsetAt(next)
      if (there === offset) {
        looked = next
        continue
      }
      const change = this.#changeBetween(looked, next, offset)
      if (change >= end) break // the next year's
      stretches.push({ from, until: change, offset })
      from = looked = change
      offset = this.#offsetAt(change)
    }
    return [...stretches, { from, until: end, offset }]
  }

  /** The second at which the clocks leave an offset. */
  #changeBetween(before: number, after: number, offset: number): number {
    let [low, high] = [before, after]
    while (high - low > 1_000) {
      const middle = low + Math.floor((high - low) / 2_000) * 1_000
      if (this.#offsetAt(middle) === offset) low = middle
      else high = middle
    }
    return high
  }

  /** instant: on a whole second. */
  #offsetAt(instant: number): number {
    const [month, day, year, hour, minute, second] = this.#format
      .format(instant)
      .split(/[^\d]+/)
      .map(Number)
    return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second) - instant
  }
}
