import type { FormTree, FormValue } from '../http/form.ts'
import { at } from '../schema/param-tree.ts'

/** A form as it goes over the wire: `line_items[0][price]=price_1&...`. */
export function encodeForm(tree: FormTree): string {
  const pairs = new URLSearchParams()
  const write = (path: string, value: FormValue): void => {
    if (typeof value === 'string') pairs.append(path, value)
    else for (const [name, member] of Object.entries(value)) write(at(path, name), member)
  }
  for (const [name, value] of Object.entries(tree)) write(name, value)
  return pairs.toString()
}
