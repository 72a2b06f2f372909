import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const root = import.meta.dirname

/** What each file imports, types too: a circle of types ties files together as well. */
function importsByFile(): ReadonlyMap<string, readonly string[]> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  return new Map(
    files.map((file) => {
      const text = readFileSync(path.join(root, file), 'utf8')
      const targets = [...text.matchAll(/^(?:import|export)\s[^'"]*?\sfrom '(\.[^']+)'/gm)].map(
        ([, target = '']) => path.join(path.dirname(file), target),
      )
      return [file, targets]
    }),
  )
}

/** A way from a file back to itself; undefined when there is none. */
function circle(imports: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  const walk = (file: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const target of imports.get(file) ?? []) {
      const found = walk(target, [...way, file])
      if (found !== undefined) return found
    }
    done.add(file)
    return undefined
  }
  for (const file of imports.keys()) {
    const found = walk(file, [])
    if (found !== undefined) return found
  }
  return undefined
}

it('no file imports, however indirectly, a file that imports it', () => {
  const imports = importsByFile()
  expect([...imports.values()].flat().length).toBeGreaterThan(500)
  expect(circle(imports)).toBeUndefined()
})

it('a circle would be found', () => {
  const imports = new Map([
    ['a.ts', ['b.ts']],
    ['b.ts', ['c.ts', 'd.ts']],
    ['c.ts', []],
    ['d.ts', ['b.ts']],
  ])
  expect(circle(imports)).toEqual(['b.ts', 'd.ts', 'b.ts'])
})
