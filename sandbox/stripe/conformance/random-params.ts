import { deref } from '../schema/description.ts'
import type { Operation } from '../schema/index.ts'
import { at } from '../schema/param-tree.ts'
import { type Schema, typesOf } from '../schema/schema.ts'
import type { Dice } from './dice.ts'

export type FormTree = { [name: string]: FormValue }
export type FormValue = string | FormTree | FormValue[]

/** Values that make sense for a parameter of that name, ids of existing objects above all. */
export type Plausible = Readonly<Record<string, readonly string[]>>

/**
 * Parameters the operation's description allows, as a decoded form. `expand` is left out: whether a
 * path can be expanded is a rule of its own.
 */
export function randomParams(operation: Operation, dice: Dice, plausible: Plausible): FormTree {
  return randomTree(operation.params, dice, plausible, 3)
}

function randomTree(schema: Schema, dice: Dice, plausible: Plausible, depth: number): FormTree {
  const { properties = {}, required = [], additionalProperties } = schema
  const names = Object.keys(properties).filter((name) => name !== 'expand')
  const share = Math.min(0.5, 4 / Math.max(1, names.length))
  const chosen = names.filter(
    (name) => required.includes(name) || (depth > 0 && dice.chance(share)),
  )
  const entries = chosen.map((name): [string, FormValue] => {
    const property = properties[name]
    if (!property) throw new Error(`No property ${name}`)
    return [name, randomValue(property, name, dice, plausible, depth - 1)]
  })
  if (additionalProperties) {
    const key = additionalProperties.type === 'string' ? 'note' : 'usd'
    entries.push([key, randomValue(additionalProperties, key, dice, plausible, depth - 1)])
  }
  return Object.fromEntries(entries)
}

function randomValue(
  schema: Schema,
  name: string,
  dice: Dice,
  plausible: Plausible,
  depth: number,
): FormValue {
  const known = deref(schema)
  if (known.anyOf) {
    return randomValue(dice.pick(known.anyOf), name, dice, plausible, depth)
  }
  if (known.enum) return String(dice.pick(known.enum))
  switch (typesOf(known)[0]) {
    case 'object':
      return randomTree(known, dice, plausible, depth)
    case 'array': {
      const { items } = known
      if (!items) throw new Error(`Array ${name} without items`)
      const length = 1 + dice.roll(2)
      const singular = name.replace(/s$/, '')
      return Array.from({ length }, () => randomValue(items, singular, dice, plausible, depth))
    }
    case 'integer':
      return dice.pick(
        name === 'limit' ? ['1', '3', '100'] : ['0', '1', '2', '1200', '-7', '1900000000'],
      )
    case 'number':
      return dice.pick(['0', '10', '12.5'])
    case 'boolean':
      return dice.pick(['true', 'false'])
    default:
      if (known.format === 'decimal') return dice.pick(['0', '12.5', '100'])
      return dice.pick(plausible[name] ?? ['text', 'ünï 日本', '0'])
  }
}

/** A form with one thing wrong, and the name the complaint about it must have. */
export interface SpoiledParams {
  params: FormTree
  param: string
  what: 'unknown' | 'missing' | 'integer' | 'boolean' | 'choice' | 'object' | 'array'
}

/** Spoils one place of parameters that were right. */
export function spoil(operation: Operation, params: FormTree, dice: Dice): SpoiledParams {
  const spots = spotsOf(operation.params, params, '')
  const kinds = [...new Set(spots.map((spot) => spot.what))]
  const kind = dice.pick(kinds)
  const spot = dice.pick(spots.filter((one) => one.what === kind))
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
    if (schema.required?.includes(name)) {
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

/** The one form a value may have, the empty text that clears it aside. */
function onlyForm(schema: Schema): Schema | undefined {
  const known = deref(schema)
  if (!known.anyOf) return known
  const forms = known.anyOf.map(deref).filter((one) => one.enum?.join() !== '')
  return forms.length === 1 ? forms[0] : undefined
}
