import { explainEntitlement } from '#modules/entitlements/reasons.ts'
import type { EndReason } from '#modules/entitlements/types.ts'

/** Why a file is not handed out: what the request lacks, or why the entitlement to it is not active. */
export type Refusal =
  | 'not_found'
  | 'sign_in'
  | 'link_expired'
  | 'out_of_order'
  | 'store_down'
  | 'limit_reached'
  | 'pending'
  | EndReason

export interface RefusalWords {
  readonly status: 403 | 404 | 410 | 503
  readonly title: string
  readonly text: string
  /** Signing in opens it, if it is theirs. */
  readonly offersSignIn: boolean
}

/** What a buyer is told: why, and what to do. */
export function refusalWords(refusal: Refusal): RefusalWords {
  switch (refusal) {
    case 'not_found':
      return {
        status: 404,
        title: 'There is no such file',
        text: 'The address may be cut short, or the file was taken away. What you bought is in your account.',
        offersSignIn: true,
      }
    case 'sign_in':
      return {
        status: 403,
        title: 'Sign in to download',
        text: 'This address opens a file for the person who bought it. Sign in with the e-mail address you bought with, and it is there for you, as often as you like.',
        offersSignIn: true,
      }
    case 'link_expired':
      return {
        status: 403,
        title: 'This link has expired',
        text: 'Download links are good for an hour, so that they cannot be passed around. Sign in with the e-mail address you bought with: there the file stays, as often as you like.',
        offersSignIn: true,
      }
    case 'out_of_order':
      return {
        status: 503,
        title: 'We are fixing this file',
        text: 'It is yours, but it cannot be read right now. We have been told and are putting it right. Try again later; nothing is lost.',
        offersSignIn: false,
      }
    case 'store_down':
      return {
        status: 503,
        title: 'Files cannot be reached right now',
        text: 'It is yours, and nothing is lost: the place where files are kept does not answer. Try again in a few minutes; a download that broke off goes on where it stopped.',
        offersSignIn: false,
      }
    case 'limit_reached':
      return {
        status: 403,
        title: 'You have fetched this as often as this shop allows',
        text: 'The copies you have are yours to keep, and a new version counts anew. If you need it once more, because a disk broke or a device is new, write to the shop: it can give you more.',
        offersSignIn: false,
      }
    case 'pending':
      return closed(403, explainEntitlement('pending', undefined))
    case 'disputed':
    case 'unpaid':
    case 'paused':
      return closed(403, explainEntitlement('suspended', refusal))
    case 'refunded':
    case 'dispute_lost':
    case 'ended':
    case 'reassigned':
      return closed(410, explainEntitlement('revoked', refusal))
  }
}

function closed(
  status: 403 | 410,
  { title, words }: { title: string; words: string },
): RefusalWords {
  return { status, title, text: words, offersSignIn: false }
}

const refusals: Readonly<Record<Refusal, true>> = {
  not_found: true,
  sign_in: true,
  link_expired: true,
  out_of_order: true,
  store_down: true,
  limit_reached: true,
  pending: true,
  refunded: true,
  disputed: true,
  dispute_lost: true,
  ended: true,
  reassigned: true,
  unpaid: true,
  paused: true,
}

export function isRefusal(text: string): text is Refusal {
  return Object.hasOwn(refusals, text)
}
