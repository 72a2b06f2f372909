import path from 'node:path'
import { pathToFileURL } from 'node:url'

/** What is used of the build's list of pages. */
interface Manifest {
  readonly routes: readonly {
    readonly id: string
    readonly page: { readonly layouts: readonly number[]; readonly leaf: number } | null
  }[]
  readonly nodes: readonly (() => Promise<{ readonly component?: () => Promise<unknown> }>)[]
}

/** What a visitor sees first. */
const firstPages = new Set(['/(store)', '/(store)/p/[slug]'])

/**
 * Reads the code of the application, and of the pages that are asked for first, while the database is still starting: half a
 * second that would otherwise be waited for later, some of it by the first visitor. Nothing of the application begins by it.
 */
export async function readAhead(buildFolder: string): Promise<void> {
  const load = (file: string) => import(pathToFileURL(path.join(buildFolder, file)).href)
  await load('server/entries/hooks.server.js')
  const { manifest } = (await load('server/manifest.js')) as { manifest: Manifest } // as the build writes it
  for (const { id, page } of manifest.routes) {
    if (!page || !firstPages.has(id)) continue
    for (const number of [...page.layouts, page.leaf]) {
      const node = await manifest.nodes[number]?.()
      await node?.component?.()
    }
  }
}
