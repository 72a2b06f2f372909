import { runtime } from '#modules/platform/server/index.ts'

/**
 * Nothing in a mail may run, load, send (the sandbox allows no forms) or move the page around it; its links open beside it. Pictures of
 * posts are shown, from where they are kept and from nowhere else.
 */
const policy = () =>
  [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `img-src data: ${runtime().settings.origin}/images/`,
    "base-uri 'none'",
    "frame-ancestors 'self'",
    'sandbox allow-popups allow-popups-to-escape-sandbox',
  ].join('; ')

/** A mail's HTML part as a document of its own, to be shown in a frame. */
export function mailDocument(html: string): Response {
  return new Response(html.replace('<head>', '<head><base target="_blank">'), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy(),
      'cache-control': 'private, no-store',
      'referrer-policy': 'no-referrer',
      // Links open a page of the shop, which would otherwise refuse to share a window's history with this frame.
      'cross-origin-opener-policy': 'unsafe-none',
    },
  })
}
