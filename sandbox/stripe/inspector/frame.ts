import type { ClockReport } from '../control/commands.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Html } from '../pages/html.ts'
import { html } from '../pages/html.ts'
import { BANNER, page } from '../pages/layout.ts'
import { duration, instant } from './times.ts'

const SECTIONS: readonly [string, string][] = [
  ['/', 'Overview'],
  ['/objects', 'Objects'],
  ['/events', 'Events'],
  ['/deliveries', 'Deliveries'],
  ['/requests', 'Requests'],
  ['/chaos', 'Chaos'],
]

/** What every page of the inspector has around it: sections, account, clock. */
export class Frame {
  readonly #prefix: string
  readonly #account: string
  readonly #token: string
  readonly #clock: ClockReport
  readonly #here: string

  constructor(given: {
    prefix: string
    account: string
    token: string
    clock: ClockReport
    here: string
  }) {
    this.#prefix = given.prefix
    this.#account = given.account
    this.#token = given.token
    this.#clock = given.clock
    this.#here = given.here
  }

  /** An address of the inspector as the browser has to ask for it. */
  url(path: string): string {
    return `${this.#prefix}${path}`
  }

  /** A form that does something and comes back to where it was. */
  form(action: string, body: Html, back = this.#here): Html {
    return html`<form method="post" action="${this.url(`/do/${action}`)}">
      <input type="hidden" name="token" value="${this.#token}" />
      <input type="hidden" name="back" value="${back}" />
      ${body}
    </form>`
  }

  page(title: string, body: Html, action?: Html): HttpAnswer {
    return page({
      title: `${title} - Stripe sandbox`,
      body: html`${BANNER}
        <div class="inspector">
          <header class="top">
            <nav aria-label="Sections">
              <ul>
                ${SECTIONS.map(
                  ([path, name]) =>
                    html`<li>
                      <a
                        href="${this.url(path)}"
                        ${this.#isIn(path) ? html`aria-current="page"` : ''}
                        >${name}</a
                      >
                    </li>`,
                )}
              </ul>
            </nav>
            <p class="who" title="The account of your key">${this.#account}</p>
          </header>
          ${this.#clockBar()}
          <main>
            <div class="heading">
              <h1>${title}</h1>
              ${action}
            </div>
            ${body}
          </main>
        </div>`,
    })
  }

  #isIn(path: string): boolean {
    return path === '/' ? this.#here === '/' : this.#here.startsWith(path)
  }

  #clockBar(): Html {
    const ahead = this.#clock.offset_ms
    return html`<section class="clock" aria-label="Clock">
      <p>
        <strong>${instant(this.#clock.now_ms)}</strong>
        <span class="soft"
          >${ahead === 0 ? 'real time' : `${duration(ahead)} ahead of real time`}</span
        >
      </p>
      ${this.form(
        'advance',
        html`<label for="advance">Advance</label>
          <input class="input" id="advance" name="by" value="1d" size="6" autocomplete="off" />
          <button class="button small" type="submit">Go</button>`,
      )}
      ${
        ahead !== 0 &&
        this.form(
          'clock-reset',
          html`<button class="button quiet small">Back to real time</button>`,
        )
      }
    </section>`
  }
}
