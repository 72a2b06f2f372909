import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'

/** To the old address, once the new one is proven: whoever did not do this can still speak up. */
export function addressChangedMail(change: {
  changeId: string
  oldEmail: string
  newEmail: string
}): OutgoingMail {
  const { host } = new URL(runtime().settings.origin)
  return {
    template: 'address_changed',
    entityKey: change.changeId,
    to: change.oldEmail,
    subject: 'Your e-mail address was changed',
    content: {
      preheader: 'From now on we write to your new address.',
      heading: 'We will write to your new address',
      blocks: [
        {
          kind: 'text',
          text: `Your account on ${host} now belongs to ${veiled(change.newEmail)}. Receipts and everything else will go there; this is the last mail to this address. You were signed out everywhere else.`,
        },
        {
          kind: 'text',
          text: 'If this was you, all is well. If it was not, please answer this mail at once, so that we can help.',
        },
      ],
      footnote: `You get this mail because this was the address of your account on ${host}.`,
    },
  }
}

/** "anna@example.com" -> "a…@example.com": enough to be recognised by who chose it. */
function veiled(email: string): string {
  const [local = '', domain = ''] = email.split('@')
  return `${[...local][0] ?? ''}…@${domain}`
}
