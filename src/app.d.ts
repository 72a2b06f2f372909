import type { MemberActor } from '#modules/accounts/types.ts'
import type { Ad } from '#modules/site/ui/ad.ts'

declare global {
  namespace App {
    interface Error {
      message: string
      /** What the visitor can quote when asking for help; also in the log. */
      reference?: string
    }
    interface PageData {
      /** Pages of the store with a place for an ad. */
      ad?: Ad | undefined
    }
    interface Locals {
      /** Who is signed in, proven in hooks.server.ts; undefined for everybody else. */
      actor: MemberActor | undefined
      requestId: string
      /** This page has a place for an ad: scripts with this nonce may run, and what they load. */
      adNonce?: string
      /** Address of the client as far as the settings let us trust it. */
      network: string
    }
  }
}

export {}
