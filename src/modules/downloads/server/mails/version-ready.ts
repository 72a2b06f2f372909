import { cutText } from '#modules/platform/cut-text.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'

/** To somebody who bought it: there is a new version. Once for each version and person. */
export function versionReadyMail(told: {
  readonly versionId: string
  readonly person: string
  readonly to: string
  readonly entitlementId: string
  readonly productTitle: string
  readonly itemTitle: string
  readonly label: string
  readonly changes: string
}): OutgoingMail {
  const thing =
    told.itemTitle === told.productTitle
      ? `“${told.productTitle}”`
      : `“${told.itemTitle}”, which belongs to “${told.productTitle}”,`
  return {
    template: 'version_ready',
    entityKey: `${told.versionId}:${told.person}`,
    to: told.to,
    subject: `${told.productTitle}: version ${told.label} is here`,
    content: {
      preheader:
        told.changes === ''
          ? 'It is yours already.'
          : cutText(told.changes.replace(/\s+/g, ' '), 140),
      heading: `Version ${told.label} is here`,
      blocks: [
        {
          kind: 'text',
          text: `There is a new version of ${thing} and it is yours, because you bought it. The one you have stays where it is.`,
        },
        ...(told.changes === ''
          ? []
          : [{ kind: 'text' as const, text: `What is new:\n${told.changes}` }]),
        {
          kind: 'button',
          label: `Get version ${told.label}`,
          url: `${runtime().settings.origin}/dashboard/products/${told.entitlementId}`,
        },
        {
          kind: 'text',
          text: 'Sign in with this address and a code; earlier versions stay there, too.',
        },
      ],
      footnote:
        'You get this mail, once for this version, because you bought it. It is about your purchase and no advertising.',
    },
  }
}
