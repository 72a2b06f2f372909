import { sign } from '#modules/platform/server/index.ts'

/** How a mailbox that had its trial is remembered: nobody reads an address from it, and the same one is recognised. */
export function mailboxMark(mailbox: string): string {
  return sign('mailbox that had a trial', mailbox)
}
