import type { HttpAnswer } from '../http/answer.ts'
import { createHash } from 'node:crypto'
import { html, Html } from './html.ts'
import { STYLE } from './style.ts'

/** Its hash is what the content security policy lets through, so not a space of it may change. */
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`)

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/**
 * A whole page as an answer. No script runs and nothing is loaded from anywhere; forms go to this
 * origin and on to the addresses given (a form's redirect counts as its target in browsers).
 */
export function page(given: {
  status?: number
  title: string
  body: Html
  /** Where forms of this page may lead besides this origin. */
  leadsTo?: readonly (string | null)[]
  headers?: Readonly<Record<string, string>>
}): HttpAnswer {
  const targets = (given.leadsTo ?? [])
    .filter((url): url is string => url !== null && URL.canParse(url.replaceAll(/[{}]/g, '')))
    .map((url) => new URL(url.replaceAll(/[{}]/g, '')).origin)
  const markup = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>${given.title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        ${given.body}
      </body>
    </html> `
  return {
    status: given.status ?? 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': [
        "default-src 'none'",
        `style-src 'sha256-${STYLE_HASH}'`,
        `form-action ${["'self'", ...new Set(targets)].join(' ')}`,
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      ...given.headers,
    },
    body: markup.text,
  }
}

/** Sends the browser on with GET. */
export function redirect(location: string): HttpAnswer {
  return {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    body: '',
  }
}

/** The striped strip that says on every page what kind of money this is. */
export const BANNER = html`<aside class="banner" aria-label="Sandbox" data-testid="banner">
  <strong>SANDBOX</strong> - play money. No card is charged.
</aside>`
