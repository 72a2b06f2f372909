import type { Sandbox } from '../sandbox.ts'

/** The path under which the pages are reachable: '' or '/sandbox'. */
export function pathPrefix(sandbox: Sandbox): string {
  return new URL(sandbox.settings.publicUrl).pathname.replace(/\/$/, '')
}
