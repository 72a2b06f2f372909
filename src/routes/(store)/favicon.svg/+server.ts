import { db } from '#modules/platform/server/index.ts'
import { initialsOf } from '#modules/platform/ui/initials.ts'
import { paletteOf } from '#modules/site/palette.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { RequestHandler } from './$types'

/** The first letter of the shop on its brand colour, light and dark. */
export const GET: RequestHandler = async () => {
  const site = await siteIdentity(db())
  const { light, dark } = paletteOf(site.brandColour, site.paper)
  const letter = initialsOf(site.name.split(/\s/, 1)[0] ?? '')
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><style>' +
    `.g{fill:${light.accent}}.l{fill:${light['on-accent']}}` +
    `@media(prefers-color-scheme:dark){.g{fill:${dark.accent}}.l{fill:${dark['on-accent']}}}` +
    '</style><rect class="g" width="32" height="32" rx="6"/>' +
    '<text class="l" x="16" y="23" text-anchor="middle" font-family="Georgia,serif" font-size="21">' +
    `${letter}</text></svg>`
  return new Response(svg, {
    headers: {
      'content-type': 'image/svg+xml',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    },
  })
}
