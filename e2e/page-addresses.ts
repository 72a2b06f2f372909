import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const routes = path.resolve(import.meta.dirname, '../src/routes')

/**
 * Addresses of all pages (+page) or of everything (+page and +server) below a prefix, read from the folders, so that a
 * new page is covered without being named. values: what stands for each [parameter]; a missing one is an error.
 */
export function addresses(
  prefix: string,
  values: Readonly<Record<string, string>>,
  files: RegExp = /^\+(?:page\.svelte|server\.ts)$/,
): string[] {
  const found = readdirSync(routes, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && files.test(entry.name))
    .map((entry) => path.relative(routes, entry.parentPath).split(path.sep).join('/'))
    .map((folder) => `/${folder}/`.replace(/\/\([^)]*\)/g, '').replace(/^\/+/, '/'))
    .filter((address) => address.startsWith(`${prefix}/`))
    .map((address) => (address.length > 1 ? address.slice(0, -1) : address))
  return [...new Set(found)].sort().flatMap((address) => {
    if (/\[\[.*?\]\]/.test(address))
      return [
        address.replace(/\/\[\[.*?\]\]/, ''),
        fill(address.replace(/\[\[(.*?)\]\]/, '[$1]'), values),
      ]
    return [fill(address, values)]
  })
}

function fill(address: string, values: Readonly<Record<string, string>>): string {
  return address.replace(/\[(?:\.\.\.)?([^\]]+)\]/g, (_, name: string) => {
    const value = values[`${address} ${name}`] ?? values[name]
    if (value === undefined) throw new Error(`What stands for [${name}] in ${address}?`)
    return value
  })
}

/** Names of the form actions in a route's server files, but the default one. */
export function actionsIn(folder: string): string[] {
  const route = path.join(routes, folder)
  return readdirSync(route)
    .filter((file) => /^\+page\.server\.ts$|-actions\.server\.ts$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(path.join(route, file), 'utf8')
      const actions = text.slice(text.search(/export const \w*[aA]ctions\b/))
      return [...actions.matchAll(/^ {2}(?:async )?(\w+)(?:: async)? ?\((?:event|\{)/gm)].map(
        (match) => match[1] ?? '',
      )
    })
    .filter((name) => name !== 'default')
}
