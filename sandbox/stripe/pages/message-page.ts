import type { HttpAnswer } from '../http/answer.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { BANNER, page } from './layout.ts'

/** A page that says one thing, and where to go from there. */
export function messagePage(given: {
  status?: number
  title: string
  text: readonly string[]
  facts?: readonly { name: string; value: string }[]
  link?: { url: string; label: string; testId?: string } | undefined
  more?: Html
}): HttpAnswer {
  return page({
    ...(given.status === undefined ? {} : { status: given.status }),
    title: given.title,
    body: html`${BANNER}
      <main class="single">
        <h1>${given.title}</h1>
        ${given.text.map((paragraph) => html`<p>${paragraph}</p>`)}
        ${
          given.facts !== undefined &&
          html`<dl class="facts">
            ${given.facts.map(
              ({ name, value }) =>
                html`<div>
                  <dt>${name}</dt>
                  <dd>${value}</dd>
                </div>`,
            )}
          </dl>`
        }
        ${given.more}
        ${
          given.link !== undefined &&
          html`<p class="row">
            <a
              class="button"
              href="${given.link.url}"
              data-testid="${given.link.testId ?? 'continue'}"
              >${given.link.label}</a
            >
          </p>`
        }
      </main>`,
  })
}

/** Any address that leads nowhere. */
export function nothingHere(): HttpAnswer {
  return messagePage({
    status: 404,
    title: 'There is no such page',
    text: [
      'The address may be mistyped, or the sandbox was reset since it was made. Nothing was charged.',
    ],
  })
}
