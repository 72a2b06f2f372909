import type { RequestEvent } from '@sveltejs/kit'

/** Whether the owner asks for the page in the look that is not published yet. Anybody else gets the published one. */
export function isDraftAsked({ locals, url }: Pick<RequestEvent, 'locals' | 'url'>): boolean {
  return locals.actor?.kind === 'owner' && url.searchParams.get('look') === 'draft'
}
