import { deref, description } from '../schema/description.ts'
import { checkEvent, checkResponse, matchPath, type Operation } from '../schema/index.ts'
import { componentName, type Schema } from '../schema/schema.ts'
import { faults } from '../schema/shape.ts'
import type { Exchange } from './recorder.ts'

export interface Finding {
  /** `POST /v1/refunds 200`, or the event's type. */
  where: string
  faults: string[]
}

/** What a run over the sandbox showed, held against the description. */
export class Coverage {
  /** Operations that were called, refused or not. */
  readonly asked = new Set<Operation>()
  /** Answers below 400, by operation. */
  readonly answered = new Map<Operation, number>()
  readonly eventTypes = new Map<string, number>()
  readonly findings: Finding[] = []
  /** Values of open sets that this version of the API does not list: likely invented. */
  readonly strangeValues = new Set<string>()
  responses = 0
  events = 0
  private readonly seen = new Map<string, Set<string>>()

  addExchange({ method, path, status, body }: Exchange): void {
    const operation = matchPath(method, path)?.operation
    this.responses += 1
    const pattern = operation?.path ?? path
    this.note(`${method} ${pattern} ${status}`, checkResponse(method, pattern, status, body))
    if (operation) this.asked.add(operation)
    if (!operation || status >= 400) return
    this.answered.set(operation, (this.answered.get(operation) ?? 0) + 1)
    this.look(operation.response, body, '')
  }

  addEvent(event: unknown): void {
    this.events += 1
    const type = textOf(event, 'type') ?? 'event without type'
    this.eventTypes.set(type, (this.eventTypes.get(type) ?? 0) + 1)
    this.note(type, checkEvent(event))
    const object = Object.hasOwn(description.events, type) ? description.events[type] : undefined
    const data = member(event, 'data')
    if (object !== undefined) {
      this.look({ $ref: `#/components/${object}` }, member(data, 'object'), '')
    }
  }

  /** Top-level properties that were never there with a value, for every object that was seen. */
  neverSeen(): Map<string, string[]> {
    const unseen = new Map<string, string[]>()
    for (const [object, seen] of [...this.seen].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const all = Object.keys(description.components[object]?.properties ?? {})
      unseen.set(
        object,
        all.filter((name) => !seen.has(name)),
      )
    }
    return unseen
  }

  private note(where: string, found: string[]): void {
    if (found.length > 0) this.findings.push({ where, faults: found })
  }

  private look(schema: Schema, value: unknown, place: string): void {
    if (value === null || value === undefined) return
    const known = deref(schema)
    const here = schema.$ref === undefined ? place : componentName(schema.$ref)
    if (known.anyOf) {
      // The alternative the value is: valid values fit exactly one in these schemas.
      const fitting = known.anyOf.find((one) => faults(one, value).length === 0)
      if (fitting) this.look(fitting, value, here)
      return
    }
    const open = known['x-open-enum']
    if (open && typeof value === 'string' && !open.includes(value)) {
      this.strangeValues.add(`${here}: ${value}`)
    }
    if (Array.isArray(value)) {
      for (const item of value) this.look(known.items ?? {}, item, `${here}[]`)
      return
    }
    if (typeof value !== 'object') return
    const object = schema.$ref === undefined ? undefined : this.seenOf(here)
    for (const [name, property] of Object.entries(value)) {
      if (property !== null) object?.add(name)
      const inner = known.properties?.[name] ?? (known.additionalProperties || undefined)
      if (inner) this.look(inner, property, `${here}.${name}`)
    }
  }

  private seenOf(object: string): Set<string> {
    const known = this.seen.get(object) ?? new Set<string>()
    this.seen.set(object, known)
    return known
  }
}

function member(of: unknown, name: string): unknown {
  if (typeof of !== 'object' || of === null) return undefined
  return Object.entries(of).find(([key]) => key === name)?.[1]
}

function textOf(of: unknown, name: string): string | undefined {
  const found = member(of, name)
  return typeof found === 'string' ? found : undefined
}
