import { error } from '@sveltejs/kit'
import { db } from '#modules/platform/server/index.ts'
import { adsTxt } from '#modules/site/ads.ts'
import { siteAds } from '#modules/site/server/index.ts'
import type { RequestHandler } from './$types'

/** Who may sell ads on this shop's pages; 404 while it has none. */
export const GET: RequestHandler = async () => {
  const { client } = await siteAds(db())
  if (client === undefined) error(404, 'This shop has no ads.')
  return new Response(adsTxt(client), { headers: { 'content-type': 'text/plain; charset=utf-8' } })
}
