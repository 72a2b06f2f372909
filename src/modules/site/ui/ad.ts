import type { AdPlace } from '../ads.ts'

/** The ad of a page, or only where it stands: that is what the owner sees. */
export type Ad =
  | { readonly place: AdPlace; readonly isShownAsPlace: true }
  | {
      readonly place: AdPlace
      readonly isShownAsPlace: false
      readonly client: string
      readonly unit: string
      readonly asksFirst: boolean
      /** Asked for as a test, which Google does not count: the shop rehearses. */
      readonly isTest: boolean
      /** Of the page's content security policy. */
      readonly nonce: string
    }
