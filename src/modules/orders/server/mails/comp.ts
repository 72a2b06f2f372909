import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'

/** Somebody was given a product by the owner. */
export function compMail(comp: {
  readonly compId: string
  readonly email: string
  readonly title: string
}): OutgoingMail {
  return {
    template: 'comp',
    entityKey: comp.compId,
    to: comp.email,
    subject: `${comp.title} is yours`,
    content: {
      preheader: 'A present from the shop.',
      heading: `${comp.title} is yours`,
      blocks: [
        {
          kind: 'text',
          text: `We have given you ${comp.title}. Sign in with this address and a code; it stands among your products.`,
        },
        {
          kind: 'button',
          label: 'Open it',
          url: `${runtime().settings.origin}/sign-in?next=/dashboard`,
        },
      ],
      footnote: 'You get this mail because the shop gave you something.',
    },
  }
}
