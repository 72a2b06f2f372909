import type { BrowserContext, Request } from '@playwright/test'

/**
 * Notes down what must not happen in any page of a shop: script errors, refused content (CSP), parts that are missing,
 * requests to other hosts (but those in mayAsk, which the test answers itself). A page whose own address answers 4xx is no problem, and a form
 * that is refused neither: tests ask for both.
 */
export function watchForProblems(
  context: BrowserContext,
  origin: string,
  problems: string[],
  mayAsk: readonly string[] = [],
): void {
  // Not every refusal is written to the console: one that a library provokes and catches is not.
  void context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (refused) => {
      console.error(
        `refused by the content policy: ${refused.effectiveDirective} ${refused.blockedURI}`,
      )
    })
  })
  context.on('weberror', ({ error }) => void problems.push(`script: ${String(error())}`))
  context.on('console', (message) => {
    if (message.type() !== 'error') return
    // The missing part itself is noted below, with its address.
    if (message.text().startsWith('Failed to load resource')) return
    // A mail is shown in a frame that runs nothing, which is told of the script above too.
    if (/^Blocked script execution in '[^']*\/html(?:\?as=teaser)?'/.test(message.text())) return
    problems.push(`${message.location().url}: ${message.text()}`)
  })
  context.on('request', (request) => {
    const url = request.url()
    const asked = new URL(url).origin
    if (/^https?:/.test(url) && asked !== origin && !mayAsk.includes(asked))
      problems.push(`a request to another host: ${url}`)
  })
  const isForm = (request: Request) =>
    request.method() === 'POST' && request.headers()['x-sveltekit-action'] === 'true'
  context.on('response', (response) => {
    const request = response.request()
    if (response.status() >= 500) problems.push(`${response.status()} ${request.url()}`)
    else if (response.status() >= 400 && !request.isNavigationRequest() && !isForm(request))
      problems.push(`${response.status()} ${request.url()} (${request.resourceType()})`)
  })
}
