import { cutText } from '#modules/platform/cut-text.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import { offToken } from '../mail-off.ts'
import type { StoredComment } from '../store.comments.ts'

/** Somebody answered a member's comment. The caller has found out that the member may read the post. key: once an hour for each thread. */
export function replyMail(
  comment: StoredComment,
  told: {
    readonly to: string
    readonly memberId: string
    readonly key: string
    readonly shopName: string
  },
): OutgoingMail {
  const { origin } = runtime().settings
  const off = `${origin}/comments/mail-off/${offToken(told.memberId)}`
  return {
    template: 'comment_reply',
    entityKey: told.key,
    to: told.to,
    subject: `A reply to your comment on ${comment.postTitle}`,
    unsubscribeUrl: off,
    content: {
      preheader: cutText(comment.body.replace(/\s+/g, ' '), 120),
      heading: 'Somebody answered you',
      blocks: [
        { kind: 'text', text: `Below “${comment.postTitle}”:` },
        { kind: 'text', text: cutText(comment.body, 1_000) },
        { kind: 'button', label: 'Read and answer', url: `${origin}/comments/${comment.id}` },
        {
          kind: 'text',
          text: `No more mail about replies: ${off}`,
        },
      ],
      footnote: `You get this mail because you commented at ${told.shopName}, at most once an hour for each conversation.`,
    },
  }
}
