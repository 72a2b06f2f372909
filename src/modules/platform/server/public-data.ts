import { AsyncLocalStorage } from 'node:async_hooks'
import { doubtPublicVersion, publicVersion } from './public-version.ts'

/** So many readings are remembered; the longest unused go first. */
const most = 200

let madeAt: number | undefined
const remembered = new Map<string, Promise<unknown>>()
const afresh = new AsyncLocalStorage<true>()

/**
 * What public pages read, remembered until something changes that any of them shows: only the first who asks after a
 * change asks the database. key: names what is read, with its parameters. A read that throws is not remembered.
 * What comes back is shared by all who ask: it may be shown, never changed. Not inside a transaction, which must see its own.
 */
export function publicData<Data>(key: string, read: () => Promise<Data>): Promise<Data> {
  const version = afresh.getStore() ? undefined : publicVersion()
  if (version === undefined) return read()
  if (version !== madeAt) remembered.clear()
  madeAt = version
  // One key names one reading, so what stands under it is of this type.
  const known = remembered.get(key) as Promise<Data> | undefined
  const data = known ?? read()
  remembered.delete(key)
  remembered.set(key, data) // again the newest
  if (!known) {
    data.catch(() => {
      if (remembered.get(key) === data) remembered.delete(key)
    })
  }
  for (const oldest of remembered.keys()) {
    if (remembered.size <= most) break
    remembered.delete(oldest)
  }
  return data
}

/**
 * For work that may change what public pages show: it reads past what is remembered, and so does everybody after it until
 * the state's number was read anew. The one who made the change then never sees what was before it.
 */
export async function changingPublicData<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await afresh.run(true, work)
  } finally {
    doubtPublicVersion()
  }
}
