import { invalidRequest } from '../api-error.ts'

/** A decoded form: text, nested groups, and lists, as `a[b][0]=c` spells them. */
export type FormTree = { [name: string]: FormValue }
export type FormValue = string | FormTree | FormValue[]

const MAX_FIELDS = 1_000
const MAX_DEPTH = 8

/**
 * Decodes `application/x-www-form-urlencoded` text (a body or a query) the way Stripe nests it:
 * `a[b]=1`, `a[0][b]=1`, `a[]=1`. Throws ApiError 400 when it is malformed or out of bounds.
 */
export function decodeForm(text: string): FormTree {
  const tree: FormTree = Object.create(null)
  if (text === '') return tree
  const fields = text.split('&')
  if (fields.length > MAX_FIELDS)
    throw invalidRequest(`A request has at most ${MAX_FIELDS} parameters.`)
  for (const field of fields) {
    if (field === '') continue
    const at = field.indexOf('=')
    const name = decode(at < 0 ? field : field.slice(0, at))
    const value = at < 0 ? '' : decode(field.slice(at + 1))
    place(tree, stepsOf(name), value, name)
  }
  return tree
}

function decode(text: string): string {
  let decoded: string
  try {
    decoded = decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw invalidRequest('The request has a parameter that is not valid UTF-8.')
  }
  if (decoded.includes('\0')) throw invalidRequest('A parameter contains a null character.')
  return decoded
}

/** `a[b][0][]` as `a`, `b`, `0`, ``. */
function stepsOf(name: string): string[] {
  const open = name.indexOf('[')
  if (open < 0) return [name]
  const steps = [name.slice(0, open)]
  const rest = name.slice(open)
  const pattern = /\[([^[\]]*)\]/gy
  let end = 0
  for (let match = pattern.exec(rest); match !== null; match = pattern.exec(rest)) {
    steps.push(match[1] ?? '')
    end = pattern.lastIndex
  }
  if (end !== rest.length || steps[0] === '')
    throw invalidRequest(`Invalid parameter name: ${name.slice(0, 100)}`)
  if (steps.length > MAX_DEPTH)
    throw invalidRequest(`Parameters are nested at most ${MAX_DEPTH} deep: ${name.slice(0, 100)}`)
  return steps
}

function place(tree: FormTree, steps: readonly string[], value: string, name: string): void {
  let here: FormTree | FormValue[] = tree
  for (const [at, step] of steps.entries()) {
    const next = steps[at + 1]
    if (next === undefined) {
      put(here, step, value, name)
      return
    }
    const known = child(here, step)
    if (known === undefined || (step === '' && Array.isArray(here))) {
      const fresh: FormTree | FormValue[] = next === '' ? [] : Object.create(null)
      put(here, step, fresh, name)
      here = fresh
    } else if (typeof known === 'string') {
      throw invalidRequest(
        `Invalid parameter: ${name.slice(0, 100)} is given as text and as a group.`,
      )
    } else {
      here = known
    }
  }
}

function child(here: FormTree | FormValue[], step: string): FormValue | undefined {
  return Array.isArray(here) ? undefined : here[step]
}

function put(here: FormTree | FormValue[], step: string, value: FormValue, name: string): void {
  if (Array.isArray(here)) {
    if (step !== '')
      throw invalidRequest(`Invalid parameter: ${name.slice(0, 100)} mixes [] with named keys.`)
    here.push(value)
    return
  }
  if (step === '')
    throw invalidRequest(`Invalid parameter: ${name.slice(0, 100)} mixes [] with named keys.`)
  here[step] = value
}
