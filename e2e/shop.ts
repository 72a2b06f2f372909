import {
  test as base,
  expect,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from '@playwright/test'
import { setTimeout as pause } from 'node:timers/promises'
import { ShopProcess } from '../test/process/shop.ts'
import { Mailbox } from './mailbox.ts'
import { watchForProblems } from './page-problems.ts'

export { expect }

/** The real program on a data folder of its own, in rehearsal mode, with the example shop in it. */
export class Shop extends ShopProcess {
  constructor() {
    super()
    // So that each visitor can come from a network of their own: limits are counted by network.
    this.environment.TRUSTED_PROXIES = '1'
  }

  /** The owner's one-time set-up link, as it was printed. */
  get setupLink(): string {
    return this.#printed(/works once\): (\S+)/)
  }

  /** Where the rehearsal's mail is read, as it was printed. */
  get mailboxLink(): string {
    return this.#printed(/Mail is kept here: (\S+)/)
  }

  /** Moves the one clock of shop and sandbox: '61m', '1d'. */
  async advance(by: string): Promise<void> {
    await this.control('POST', 'clock', { advance: by })
  }

  #printed(what: RegExp): string {
    const found = what.exec(this.output)?.[1]
    if (!found) throw new Error(`The program did not print ${what}:\n${this.output}`)
    return found
  }
}

export const theOwner = {
  name: 'Mara Lind',
  email: 'mara@example.com',
  password: 'a quiet lamp in june',
} as const

interface ForWorker {
  /** Files share a shop unless they name one of their own: those that turn things upside down, or need it untouched. */
  ownShop: string
  /** The example plans stay; elsewhere the shop begins without any plan. */
  keepsExamplePlans: boolean
  shop: Shop
  mailbox: Mailbox
  /** Cookies of the owner's browser, who has set the shop up. */
  ownerCookies: Awaited<ReturnType<BrowserContext['storageState']>>
}

interface ForTest {
  /** Origins besides the shop that pages of this test may ask; the test answers for them. */
  mayAsk: readonly string[]
  /** A browser nobody has used before, on a network of its own. Its pages must run without a problem. */
  stranger: (options?: BrowserContextOptions) => Promise<Page>
  /** A page of the owner, signed in. */
  owner: Page
  /** What the shop warned of during a test that failed becomes part of why. */
  warnings: void
}

let networks = 0

/** SUNDRY_LATE_SCRIPT=800: every script comes so many milliseconds late, as on a slow phone; journeys must not notice. */
const lateScriptMs = Number(process.env.SUNDRY_LATE_SCRIPT ?? 0)

export const test = base.extend<ForTest, ForWorker>({
  ownShop: ['', { option: true, scope: 'worker' }],
  keepsExamplePlans: [false, { option: true, scope: 'worker' }],

  shop: [
    // A worker lives as long as this option stays the same, and the shop as long as its worker.
    async ({ ownShop, keepsExamplePlans }, use) => {
      void ownShop
      const shop = new Shop()
      try {
        await shop.start()
        if (!keepsExamplePlans) await shop.removeExamplePlans()
        await use(shop)
      } finally {
        await shop.stop()
      }
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  mailbox: [
    async ({ browser, shop }, use) => {
      const context = await browser.newContext(visitorOptions(shop))
      await use(new Mailbox(await context.newPage(), shop))
      await context.close()
    },
    { scope: 'worker' },
  ],

  ownerCookies: [
    async ({ browser, shop }, use) => {
      const context = await browser.newContext(visitorOptions(shop))
      const page = await context.newPage()
      await page.goto(shop.setupLink)
      await page.getByLabel('Your name').fill(theOwner.name)
      await page.getByLabel('E-mail').fill(theOwner.email)
      await page.getByLabel('Password').fill(theOwner.password)
      await page.getByRole('button', { name: 'Open my shop' }).click()
      await page.waitForURL('**/admin/**')
      await use(await context.storageState())
      await context.close()
    },
    { scope: 'worker' },
  ],

  mayAsk: [[], { option: true }],

  warnings: [
    async ({ shop }, use, test) => {
      const before = shop.output.length
      await use()
      if (test.status === test.expectedStatus) return
      const lines = warningsIn(shop.output.slice(before))
      if (lines.length > 0) throw new Error(`The shop warned meanwhile:\n${lines.join('\n')}`)
    },
    { auto: true },
  ],

  stranger: async ({ browser, shop, mayAsk }, use) => {
    const visitors = new Visitors(browser, shop, mayAsk)
    await use((options) => visitors.newPage(options))
    await visitors.leave()
  },

  owner: async ({ browser, shop, ownerCookies, mayAsk }, use) => {
    const visitors = new Visitors(browser, shop, mayAsk)
    await use(await visitors.newPage({ storageState: ownerCookies }))
    await visitors.leave()
  },
})

/** The last lines that say warn or worse. */
function warningsIn(output: string): string[] {
  const lines = output.split('\n').filter((line) => /WARN|ERROR|FATAL|"level":[456]0/i.test(line))
  return lines.slice(-12).map((line) => line.slice(0, 400))
}

/** Browsers opened during a test, watched for errors that no visitor should meet. */
class Visitors {
  readonly #contexts: BrowserContext[] = []
  readonly #problems: string[] = []
  readonly #browser: Browser
  readonly #shop: Shop
  readonly #mayAsk: readonly string[]

  constructor(browser: Browser, shop: Shop, mayAsk: readonly string[]) {
    this.#browser = browser
    this.#shop = shop
    this.#mayAsk = mayAsk
  }

  async newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ ...visitorOptions(this.#shop), ...options })
    this.#contexts.push(context)
    watchForProblems(context, this.#shop.origin, this.#problems, this.#mayAsk)
    if (lateScriptMs > 0) {
      await context.route('**/_app/**/*.js', async (route) => {
        await pause(lateScriptMs)
        await route.continue().catch(() => undefined) // the page has gone on to another meanwhile
      })
    }
    return context.newPage()
  }

  async leave(): Promise<void> {
    for (const context of this.#contexts) await context.close()
    expect(this.#problems, 'nothing went wrong in any page').toEqual([])
  }
}

export function visitorOptions(shop: Shop): BrowserContextOptions {
  networks++
  return {
    baseURL: shop.origin,
    extraHTTPHeaders: { 'x-forwarded-for': `203.0.${networks >> 8}.${networks & 255}` },
    locale: 'en-GB',
    reducedMotion: 'reduce',
  }
}
