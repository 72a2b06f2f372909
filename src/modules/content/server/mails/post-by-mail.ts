import { runtime, type MailContent, type OutgoingMail } from '#modules/platform/server/index.ts'
import { withOwnAddresses } from '../../own-addresses.ts'
import type { PostView } from '../../types.ts'

/** A post to one of its readers, once for each of both; what it says is found out when it is delivered. */
export function laterPostMail(post: {
  readonly postId: string
  readonly memberId: string
  readonly to: string
  readonly title: string
  readonly unsubscribeUrl: string
}): OutgoingMail {
  const key = `${post.postId}:${post.memberId}`
  return {
    template: 'post',
    entityKey: key,
    to: post.to,
    subject: post.title,
    unsubscribeUrl: post.unsubscribeUrl,
    content: {
      preheader: '',
      heading: post.title,
      blocks: [{ kind: 'later', of: 'post', key }],
      footnote: '',
    },
  }
}

/** A post as its reader may have it. pictures: what lets them be fetched. Without unsubscribeUrl it is nobody's, for a preview. */
export function postMail(
  post: Pick<PostView, 'slug' | 'title' | 'description' | 'html' | 'isWhole'>,
  { pictures, unsubscribeUrl }: { readonly pictures: string; readonly unsubscribeUrl?: string },
): MailContent {
  const { origin } = runtime().settings
  const html = withOwnAddresses(post.html, { origin, pictures })
  return {
    preheader: post.description,
    heading: post.title,
    blocks: [
      { kind: 'prose', html },
      ...(post.isWhole
        ? []
        : [
            {
              kind: 'text' as const,
              text: 'The rest opens with a membership, or with what the post names.',
            },
          ]),
      {
        kind: 'button',
        label: post.isWhole ? 'Read it in the shop' : 'Read on',
        url: `${origin}/posts/${post.slug}`,
      },
    ],
    footnote: unsubscribeUrl
      ? `You get new posts because you asked for them in your account. Stop it: ${unsubscribeUrl}`
      : 'Here stands for each reader how they stop it with one click.',
  }
}
