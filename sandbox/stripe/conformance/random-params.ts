import type { FormTree, FormValue } from '../http/form.ts'
import { deref } from '../schema/description.ts'
import type { Operation } from '../schema/index.ts'
import { at } from '../schema/param-tree.ts'
import { type Schema, typesOf } from '../schema/schema.ts'
import type { Choices } from './choices.ts'

/** Values that make sense for a parameter of that name, ids of existing objects above all. */
export type Plausible = Readonly<Record<string, readonly string[]>>

/**
 * Parameters the operation's description allows, as a decoded form. `expand` is left out: whether a
 * path can be expanded is a rule of its own.
 */
export function randomParams(
  operation: Operation,
  choices: Choices,
  plausible: Plausible,
): FormTree {
  return randomTree(operation.params, choices, plausible, topDepth)
}

/** Parameters that worked, with one more or one less: still allowed, and likely to work again. */
export function variedParams(
  operation: Operation,
  worked: FormTree,
  choices: Choices,
  plausible: Plausible,
): FormTree {
  const { properties = {}, required = [] } = operation.params
  const varied: FormTree = { ...worked }
  const name = choices.pick(Object.keys(properties))
  const property = properties[name]
  if (!property || name === 'expand' || choices.chance(0.3)) return varied
  if (!Object.hasOwn(varied, name)) {
    varied[name] = randomValue(property, name, choices, plausible, topDepth - 1)
  } else if (!required.includes(name)) delete varied[name]
  return varied
}

const topDepth = 3

function randomTree(
  schema: Schema,
  choices: Choices,
  plausible: Plausible,
  depth: number,
): FormTree {
  const { properties = {}, required = [], additionalProperties } = schema
  const names = Object.keys(properties).filter((name) => name !== 'expand')
  const share = Math.min(0.5, 4 / Math.max(1, names.length))
  const chosen = names.filter(
    (name) => required.includes(name) || (depth > 0 && choices.chance(share)),
  )
  // An object without members is not on the wire at all.
  if (chosen.length === 0 && names.length > 0 && depth < topDepth) chosen.push(choices.pick(names))
  const entries = chosen.map((name): [string, FormValue] => {
    const property = properties[name]
    if (!property) throw new Error(`No property ${name}`)
    return [name, randomValue(property, name, choices, plausible, depth - 1)]
  })
  if (additionalProperties) {
    const key = additionalProperties.type === 'string' ? 'note' : 'usd'
    entries.push([key, randomValue(additionalProperties, key, choices, plausible, depth - 1)])
  }
  return Object.fromEntries(entries)
}

function randomValue(
  schema: Schema,
  name: string,
  choices: Choices,
  plausible: Plausible,
  depth: number,
): FormValue {
  const known = deref(schema)
  if (known.anyOf) {
    return randomValue(choices.pick(known.anyOf), name, choices, plausible, depth)
  }
  if (known.enum) return String(choices.pick(known.enum))
  switch (typesOf(known)[0]) {
    case 'object':
      return randomTree(known, choices, plausible, depth)
    case 'array': {
      const { items } = known
      if (!items) throw new Error(`Array ${name} without items`)
      const length = 1 + choices.roll(2)
      const singular = name.replace(/s$/, '')
      return Array.from({ length }, () => randomValue(items, singular, choices, plausible, depth))
    }
    case 'integer':
      return choices.pick(
        name === 'limit' ? ['1', '3', '100'] : ['0', '1', '2', '1200', '-7', '1900000000'],
      )
    case 'number':
      return choices.pick(['0', '10', '12.5'])
    case 'boolean':
      return choices.pick(['true', 'false'])
    default:
      if (known.format === 'decimal') return choices.pick(['0', '12.5', '100'])
      return choices.pick(plausible[name] ?? ['text', 'ünï 日本', '0'])
  }
}

/** A form with one thing wrong, and the name the complaint about it must have. */
export interface SpoiledParams {
  params: FormTree
  param: string
  what: 'unknown' | 'missing' | 'integer' | 'boolean' | 'choice' | 'object' | 'array'
}

/** Spoils one place of parameters that were right. */
export function spoil(operation: Operation, params: FormTree, choices: Choices): SpoiledParams {
  const spots = spotsOf(operation.params, params, '')
  const kinds = [...new Set(spots.map((spot) => spot.what))]
  const kind = choices.pick(kinds)
  const spot = choices.pick(spots.filter((one) => one.what === kind))
  const copy = structuredClone(params)
  spot.spoil(copy)
  return { params: copy, param: spot.param, what: spot.what }
}

interface Spot {
  what: SpoiledParams['what']
  param: string
  spoil(root: FormTree): void
}

function spotsOf(
  schema: Schema,
  tree: FormTree,
  path: string,
  find: (root: FormTree) => FormValue = (root) => root,
): Spot[] {
  const member = (root: FormTree): FormTree => {
    const found = find(root)
    if (typeof found !== 'object' || Array.isArray(found)) throw new Error(`${path} is no object`)
    return found
  }
  const spots: Spot[] = []
  if (schema.additionalProperties === false) {
    spots.push({
      what: 'unknown',
      param: at(path, 'nonsense'),
      spoil: (root) => void (member(root)['nonsense'] = 'x'),
    })
  }
  for (const [name, value] of Object.entries(tree)) {
    const property = schema.properties?.[name]
    if (!property) continue
    const place = at(path, name)
    const set = (bad: string) => (root: FormTree) => void (member(root)[name] = bad)
    const others = Object.entries(tree).filter(([other]) => other !== name)
    // Taken from an object that has nothing else, the object would vanish with it.
    const staysThere = path === '' || others.some(([, other]) => isOnWire(other))
    if (schema.required?.includes(name) && staysThere) {
      spots.push({ what: 'missing', param: place, spoil: (root) => void delete member(root)[name] })
    }
    const only = onlyForm(property)
    if (!only) continue
    const [type] = typesOf(only)
    if (only.enum) spots.push({ what: 'choice', param: place, spoil: set('nonsense') })
    else if (type === 'integer') spots.push({ what: 'integer', param: place, spoil: set('12x') })
    else if (type === 'boolean') spots.push({ what: 'boolean', param: place, spoil: set('maybe') })
    else if (type === 'object' && typeof value === 'object' && !Array.isArray(value)) {
      spots.push({ what: 'object', param: place, spoil: set('x') })
      spots.push(...spotsOf(only, value, place, (root) => member(root)[name] ?? ''))
    } else if (type === 'array' && Array.isArray(value)) {
      spots.push({ what: 'array', param: place, spoil: set('x') })
      const items = only.items && onlyForm(only.items)
      value.forEach((item, index) => {
        if (!items?.properties || typeof item !== 'object' || Array.isArray(item)) return
        const inner = (root: FormTree): FormValue => {
          const array = member(root)[name]
          return Array.isArray(array) ? (array[index] ?? '') : ''
        }
        spots.push(...spotsOf(items, item, at(place, String(index)), inner))
      })
    }
  }
  return spots
}

/** Whether any text stands in it: forms have no empty objects. */
function isOnWire(value: FormValue): boolean {
  return typeof value === 'string' || Object.values(value).some(isOnWire)
}

/** The one form a value may have, the empty text that clears it aside. */
function onlyForm(schema: Schema): Schema | undefined {
  const known = deref(schema)
  if (!known.anyOf) return known
  const forms = known.anyOf.map(deref).filter((one) => one.enum?.join() !== '')
  return forms.length === 1 ? forms[0] : undefined
}
