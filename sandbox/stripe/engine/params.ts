import { invalidRequest } from '../api-error.ts'

export type Metadata = Readonly<Record<string, string>>

/** Stripe's limit for texts that have none of their own. */
const MAX_TEXT = 5_000

/** The value a settable parameter leaves behind: not given keeps what was there. */
export function orKeep<T>(given: T | null | undefined, before: T | null): T | null {
  return given === undefined ? before : given
}

/**
 * The parameters of a request after the schema check, read by type. A name that was not given
 * reads as undefined; one given as `''` (Stripe's way to clear a value) reads as null where null
 * makes sense.
 */
export class Params {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #where: string

  constructor(values: Readonly<Record<string, unknown>>, where = '') {
    this.#values = values
    this.#where = where
  }

  /** How an error names a parameter: `line_items[0][price]`. */
  path(name: string): string {
    return this.#where === '' ? name : `${this.#where}[${name}]`
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined
  }

  get names(): readonly string[] {
    return Object.keys(this.#values)
  }

  text(name: string, maxLength = MAX_TEXT): string | undefined {
    const value = this.#values[name]
    if (value === undefined || value === '') return undefined
    if (typeof value !== 'string') throw this.#wrong(name, 'string')
    if (value.length > maxLength)
      throw invalidRequest(
        `Invalid string: ${value.slice(0, 20)}...; must be at most ${maxLength} characters`,
        { code: 'parameter_invalid_string_length', param: this.path(name) },
      )
    return value
  }

  /** undefined = not given, null = cleared. */
  settable(name: string, maxLength = MAX_TEXT): string | null | undefined {
    return this.#values[name] === '' ? null : this.text(name, maxLength)
  }

  needText(name: string): string {
    const value = this.text(name)
    if (value === undefined)
      throw invalidRequest(`Missing required param: ${this.path(name)}.`, {
        code: 'parameter_missing',
        param: this.path(name),
      })
    return value
  }

  integer(name: string): number | undefined {
    const value = this.#values[name]
    if (value === undefined || value === '') return undefined
    if (typeof value !== 'number') throw this.#wrong(name, 'integer')
    return value
  }

  flag(name: string): boolean | undefined {
    const value = this.#values[name]
    if (value === undefined || value === '') return undefined
    if (typeof value !== 'boolean') throw this.#wrong(name, 'boolean')
    return value
  }

  /** One of the words a value may have. */
  choice<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    const word = words.find((one) => one === value)
    if (word === undefined)
      throw invalidRequest(`Invalid ${this.path(name)}: must be one of ${words.join(', ')}`, {
        param: this.path(name),
      })
    return word
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.#values[name]
    if (value === undefined) return undefined
    if (value === '') return []
    if (!Array.isArray(value)) throw this.#wrong(name, 'array')
    return value.filter((one): one is string => typeof one === 'string')
  }

  group(name: string): Params | undefined {
    const value = this.#values[name]
    if (value === undefined || value === '') return undefined
    if (!isHash(value)) throw this.#wrong(name, 'object')
    return new Params(value, this.path(name))
  }

  groups(name: string): readonly Params[] | undefined {
    const value = this.#values[name]
    if (value === undefined || value === '') return undefined
    if (!Array.isArray(value)) throw this.#wrong(name, 'array')
    return value.map((one, at) => {
      if (!isHash(one)) throw this.#wrong(`${name}[${at}]`, 'object')
      return new Params(one, `${this.path(name)}[${at}]`)
    })
  }

  /** Whether the parameter was given as `''`. */
  isCleared(name: string): boolean {
    return this.#values[name] === ''
  }

  raw(name: string): unknown {
    return this.#values[name]
  }

  /**
   * Metadata after this request: given keys are set, a key given as `''` is removed, `metadata=''`
   * removes all. Limits of Stripe: 50 keys, names of 40 and values of 500 characters.
   */
  metadata(current: Metadata = {}, name = 'metadata'): Metadata {
    const value = this.#values[name]
    if (value === undefined) return current
    if (value === '') return {}
    if (!isHash(value)) throw this.#wrong(name, 'object')
    const next: Record<string, string> = { ...current }
    for (const [key, given] of Object.entries(value)) {
      const param = `${this.path(name)}[${key}]`
      const text = typeof given === 'string' ? given : JSON.stringify(given)
      if (key.length > 40)
        throw invalidRequest(
          `Metadata keys can have up to 40 characters, but you passed one with ${key.length}.`,
          { param },
        )
      if (text.length > 500)
        throw invalidRequest(
          `Metadata values can have up to 500 characters, but you passed in a value that is ${text.length} characters. Invalid value: ${text.slice(0, 40)}...`,
          { param },
        )
      if (text === '') delete next[key]
      else next[key] = text
    }
    if (Object.keys(next).length > 50)
      throw invalidRequest('Metadata can only have up to 50 keys.', { param: this.path(name) })
    return next
  }

  #wrong(name: string, wanted: string): Error {
    return invalidRequest(`Invalid ${wanted}: ${this.path(name)}`, { param: this.path(name) })
  }
}

function isHash(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
