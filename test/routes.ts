import { isHttpError, isRedirect } from '@sveltejs/kit'
import type { MemberActor } from '#modules/accounts/types.ts'

// Loads and actions of routes, called as Kit calls them, without a server.

export interface Asked {
  readonly actor?: MemberActor
  readonly path: string
  readonly params?: Readonly<Record<string, string>>
  /** What is posted; without it nothing is. */
  readonly form?: Readonly<Record<string, string | File>>
}

/** The event of a request, as far as routes of this shop read it. */
export function eventOf({ actor, path, params = {}, form }: Asked): never {
  const url = new URL(path, 'http://shop.example')
  const body = new FormData()
  for (const [name, value] of Object.entries(form ?? {})) body.set(name, value)
  const request = new Request(url, form ? { method: 'POST', body } : {})
  const locals = { actor, network: '192.0.2.0' }
  const cookies = { get: () => undefined }
  return { url, params, request, locals, cookies, setHeaders: () => undefined } as never // Kit's event has more, which routes of this shop do not ask for
}

/** Where an action leads, or the status it was refused with. */
export async function ledTo(
  action: ((event: never) => unknown) | undefined,
  asked: Asked,
): Promise<string | number> {
  try {
    const answer = (await action?.(eventOf(asked))) as { readonly status?: number } | undefined
    return answer?.status ?? 200
  } catch (thrown) {
    if (isRedirect(thrown)) return thrown.location
    if (isHttpError(thrown)) return thrown.status
    throw thrown
  }
}

/** What a page is given. Throws what its load throws. */
export async function given<Data>(load: (event: never) => unknown, asked: Asked): Promise<Data> {
  return (await load(eventOf(asked))) as Data // as the test reads it
}
