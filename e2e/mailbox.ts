import type { Page } from '@playwright/test'
import { until } from '../test/until.ts'

export interface ReceivedMail {
  readonly subject: string
  /** Its text part. */
  readonly text: string
  /** Addresses of the shop that it names. */
  readonly links: readonly string[]
  /** Six digits, in a mail that brings a code. */
  readonly code: string | undefined
}

/** The rehearsal's mailbox page, read as the person at the console reads it. */
export class Mailbox {
  readonly #page: Page
  readonly #shop: { readonly origin: string; readonly mailboxLink: string }
  #isOpen = false

  constructor(page: Page, shop: { readonly origin: string; readonly mailboxLink: string }) {
    this.#page = page
    this.#shop = shop
  }

  /** Waits for a mail to somebody, the newest with such a subject, and opens it. */
  async mail(to: string, subject: RegExp): Promise<ReceivedMail> {
    const href = await until(`a mail ${subject} to ${to} is there`, async () => {
      const found = await this.#list(to)
      return found.find((mail) => subject.test(mail.subject))?.href
    })
    await this.#page.goto(new URL(href, this.#shop.origin).href)
    const text = (await this.#page.locator('article pre').textContent()) ?? ''
    return {
      subject: (await this.#page.locator('article h2').textContent()) ?? '',
      text,
      links: (text.match(/https?:\/\/\S+/g) ?? []).filter((link) =>
        link.startsWith(this.#shop.origin),
      ),
      code: /\b\d{6}\b/.exec(text)?.[0],
    }
  }

  /** Subjects of the mails somebody was sent, newest first, of those on the first page. */
  async subjectsTo(to: string): Promise<string[]> {
    return (await this.#list(to)).map((mail) => mail.subject)
  }

  async #list(to: string): Promise<{ href: string; subject: string }[]> {
    await this.#page.goto(this.#isOpen ? `${this.#shop.origin}/mailbox` : this.#shop.mailboxLink)
    this.#isOpen = true
    // All at once: each question to the browser takes its time, and there are fifty mails on a page.
    const mails = await this.#page.locator('.mails a').evaluateAll((entries) =>
      entries.map((entry) => ({
        href: entry.getAttribute('href') ?? '',
        subject: entry.querySelector('.subject')?.textContent ?? '',
        to: entry.querySelector('.meta')?.textContent ?? '',
      })),
    )
    return mails.filter((mail) => mail.to === to)
  }
}
