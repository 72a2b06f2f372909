import type { ApiRequest } from '../http/request.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Sandbox } from '../sandbox.ts'
import { ApiError } from '../api-error.ts'
import { answerAuthenticationPage } from './authentication-page.ts'
import { answerCheckoutPage } from './checkout-page.ts'
import { answerInvoicePage, answerInvoicePdf } from './invoice-page.ts'
import { messagePage, nothingHere } from './message-page.ts'
import { answerPortalPage } from './portal-page.ts'
import { answerReceiptPage } from './receipt-page.ts'
import { answerRecoveryPage } from './recovery-page.ts'

type Page = (sandbox: Sandbox, request: ApiRequest, id: string) => Promise<HttpAnswer>

const PAGES: readonly { path: RegExp; methods: readonly string[]; page: Page }[] = [
  {
    path: /^\/c\/pay\/([\w-]{1,100})$/,
    methods: ['GET', 'HEAD', 'POST'],
    page: answerCheckoutPage,
  },
  {
    path: /^\/3ds\/([\w-]{1,100})$/,
    methods: ['GET', 'HEAD', 'POST'],
    page: answerAuthenticationPage,
  },
  {
    path: /^\/i\/([\w-]{1,100})$/,
    methods: ['GET', 'HEAD', 'POST'],
    page: answerInvoicePage,
  },
  { path: /^\/i\/([\w-]{1,100})\/pdf$/, methods: ['GET', 'HEAD'], page: answerInvoicePdf },
  {
    path: /^\/p\/session\/([\w-]{1,100})$/,
    methods: ['GET', 'HEAD', 'POST'],
    page: answerPortalPage,
  },
  { path: /^\/r\/([\w-]{1,100})$/, methods: ['GET', 'HEAD'], page: answerRecoveryPage },
  { path: /^\/receipts\/([\w-]{1,100})$/, methods: ['GET', 'HEAD'], page: answerReceiptPage },
]

/** Whether an address belongs to the buyer's pages. */
export function isPagePath(path: string): boolean {
  return /^\/(?:c|3ds|i|p|r|receipts)\//.test(path)
}

/** The pages a buyer sees. They need no key: whoever has the address may use it. */
export async function answerPage(sandbox: Sandbox, request: ApiRequest): Promise<HttpAnswer> {
  for (const { path, methods, page } of PAGES) {
    const id = path.exec(request.path)?.[1]
    if (id === undefined) continue
    if (!methods.includes(request.method))
      return { status: 405, headers: { allow: methods.join(', ') }, body: '' }
    try {
      return await page(sandbox, request, id)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return messagePage({
        status: error.status,
        title: 'That did not work',
        text: [error.message],
      })
    }
  }
  return nothingHere()
}
