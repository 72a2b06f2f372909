import { cutText } from '#modules/platform/cut-text.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import { decisionToken } from '../decision-link.ts'
import type { StoredComment } from '../store.comments.ts'

const address = (path: string) => `${runtime().settings.origin}${path}`

/**
 * A comment waits for the owner. Its words are not in it: they are doubtful, and mail servers judge by what they carry. The button
 * leads to a page where the owner decides; opening it decides nothing.
 */
export function commentForOwner(
  comment: StoredComment,
  {
    to,
    why,
    shopName,
  }: { readonly to: string; readonly why: 'held' | 'reported'; readonly shopName: string },
): OutgoingMail {
  const told =
    why === 'held'
      ? {
          subject: `A comment waits for you: ${comment.postTitle}`,
          heading: 'A comment waits for you',
          text: `Somebody commented on “${comment.postTitle}”. The filter is not sure about it, so nobody sees it until you have looked.`,
        }
      : {
          subject: `Readers reported a comment: ${comment.postTitle}`,
          heading: 'Three readers reported a comment',
          text: `It stands below “${comment.postTitle}” and is hidden until you have looked.`,
        }
  return {
    template: `comment_${why}`,
    entityKey: why === 'held' ? comment.id : `${comment.id}:${comment.ageSeconds.toFixed(0)}`,
    to,
    subject: told.subject,
    content: {
      preheader: 'Show it, hide it, or call it spam.',
      heading: told.heading,
      blocks: [
        { kind: 'text', text: told.text },
        {
          kind: 'button',
          label: 'Look and decide',
          url: address(`/comments/decide/${decisionToken(comment.id)}`),
        },
        { kind: 'text', text: `Everything that waits: ${address('/admin/comments')}` },
      ],
      footnote: `You get this mail because ${shopName} is your shop. The link opens this one comment for whoever has it.`,
    },
  }
}

/** A comment appeared by itself. key: once an hour for each post. */
export function newCommentForOwner(
  comment: StoredComment,
  { to, key, shopName }: { readonly to: string; readonly key: string; readonly shopName: string },
): OutgoingMail {
  return {
    template: 'comment_new',
    entityKey: key,
    to,
    subject: `A comment on ${comment.postTitle}`,
    content: {
      preheader: cutText(comment.body.replace(/\s+/g, ' '), 120),
      heading: `Somebody commented on “${comment.postTitle}”`,
      blocks: [
        { kind: 'text', text: cutText(comment.body, 1_000) },
        { kind: 'button', label: 'Read and answer', url: address(`/comments/${comment.id}`) },
        {
          kind: 'text',
          text: `It should not stand there? ${address(`/comments/decide/${decisionToken(comment.id)}`)}`,
        },
      ],
      footnote: `You get at most one such mail an hour for each post of ${shopName}. You can turn them off at ${address('/dashboard/profile')}.`,
    },
  }
}
