import type { OutgoingMail } from '#modules/platform/server/index.ts'

export const accountDeletedTemplate = 'account_deleted'

/** The last mail to who has left: proof that it is done, and what is left. */
export function accountDeletedMail(of: {
  readonly memberId: string
  readonly to: string
  readonly site: { readonly name: string }
  readonly orders: number
}): OutgoingMail {
  const kept =
    of.orders === 0
      ? 'Nothing of you is left here.'
      : `The books keep ${of.orders === 1 ? 'your order' : `your ${of.orders} orders`} without your name and address, as the law asks. The links in your receipts go on opening what you bought: keep those mails.`
  return {
    template: accountDeletedTemplate,
    entityKey: of.memberId,
    to: of.to,
    subject: `Your account at ${of.site.name} is deleted`,
    content: {
      preheader: 'Everything that told of you is erased.',
      heading: 'Your account is deleted',
      blocks: [
        { kind: 'text', text: `Everything that told of you is erased. ${kept}` },
        {
          kind: 'text',
          text: 'This is the last mail you get, and this address is forgotten once it is sent. If it was not you who did this, answer it now.',
        },
      ],
      footnote: `You get this mail because your account at ${of.site.name} was deleted just now.`,
    },
  }
}
