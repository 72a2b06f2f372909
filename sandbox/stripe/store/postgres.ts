import type { Store } from './store.ts'
export async function openPostgresStore(
  _url: string,
  _options: { clockTable: string | undefined },
): Promise<Store> {
  throw new Error('The PostgreSQL store is not there')
}
