import { invalidRequest } from '../api-error.ts'

/** The fields of a control request, read by type; ApiError 400 in plain words when one is wrong. */
export type Fields = {
  text(name: string): string | undefined
  needText(name: string): string
  number(name: string): number | undefined
  flag(name: string): boolean | undefined
  texts(name: string): readonly string[] | undefined
}

export function fields(body: Readonly<Record<string, unknown>>): Fields {
  const wrong = (name: string, wanted: string): Error =>
    invalidRequest(`${name} is ${wanted}.`, { param: name })
  const text = (name: string): string | undefined => {
    const value = body[name]
    if (value === undefined || value === null) return undefined
    if (typeof value !== 'string') throw wrong(name, 'a text')
    return value
  }
  return {
    text,
    needText(name) {
      const value = text(name)
      if (value === undefined || value === '')
        throw invalidRequest(`Missing: ${name}.`, { code: 'parameter_missing', param: name })
      return value
    },
    number(name) {
      const value = body[name]
      if (value === undefined || value === null) return undefined
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      if (typeof number !== 'number' || !Number.isFinite(number)) throw wrong(name, 'a number')
      return number
    },
    flag(name) {
      const value = body[name]
      if (value === undefined || value === null) return undefined
      if (value === 'true' || value === true) return true
      if (value === 'false' || value === false) return false
      throw wrong(name, 'true or false')
    },
    texts(name) {
      const value = body[name]
      if (value === undefined || value === null) return undefined
      if (!Array.isArray(value)) throw wrong(name, 'a list of texts')
      return value.map((one) => {
        if (typeof one !== 'string') throw wrong(name, 'a list of texts')
        return one
      })
    },
  }
}
