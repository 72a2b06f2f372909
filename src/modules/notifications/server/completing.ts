import type { Db, MailContent } from '#modules/platform/server/index.ts'

/** What a mail says that is found out when it is delivered; undefined: its reader does not want it or may not have it any more. */
export type LaterMail = (db: Db, key: string) => Promise<MailContent | undefined>

const known = new Map<string, LaterMail>()

/** For boot: whoever can say it stands in a module of a higher rank. */
export function provideLaterMail(of: string, say: LaterMail): void {
  known.set(of, say)
}

/** Whose mails can be completed in this process. */
export function completable(): readonly string[] {
  return [...known.keys()]
}

/** The mail as its reader may have it now; undefined when it is not to be sent. */
export async function completed(db: Db, content: MailContent): Promise<MailContent | undefined> {
  const later = content.blocks.find((block) => block.kind === 'later')
  if (!later) return content
  const say = known.get(later.of)
  if (!say) throw new Error(`Nobody completes mails of ${later.of}.`)
  return say(db, later.key)
}
