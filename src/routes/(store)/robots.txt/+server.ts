import { runtime } from '#modules/platform/server/index.ts'
import type { RequestHandler } from './$types'

/** What robots may read: the shop. What belongs to one person has nothing for them. A rehearsal stays unfound. */
export const GET: RequestHandler = () => {
  const { settings } = runtime()
  const closed =
    settings.stripe.mode === 'rehearsal'
      ? ['/']
      : [
          '/admin',
          '/dashboard',
          '/buy',
          '/checkout',
          '/downloads',
          '/feeds',
          '/search',
          '/sign-in',
          '/setup',
        ]
  const lines = [
    'User-agent: *',
    ...closed.map((path) => `Disallow: ${path}`),
    '',
    `Sitemap: ${settings.origin}/sitemap.xml`,
    '',
  ]
  return new Response(lines.join('\n'), {
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  })
}
