import type { MailContent } from '#modules/platform/server/index.ts'

/**
 * Whether a mail holds a code that lets its reader in. Nobody else is shown such a mail, the owner included: with the code
 * they could enter somebody's account. (In rehearsal the mailbox shows every mail; there it is the only way to read one.)
 */
export function holdsCode(content: Pick<MailContent, 'blocks'>): boolean {
  return content.blocks.some((block) => block.kind === 'code')
}
