import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import { codeMinutes } from '../../one-time-code.ts'

/** To the new address: proves that its mailbox is the member's before anything is sent there. */
export function addressCodeMail(change: {
  changeId: string
  newEmail: string
  code: string
}): OutgoingMail {
  const page = new URL('/dashboard/settings', runtime().settings.origin)
  return {
    template: 'address_code',
    entityKey: change.changeId,
    to: change.newEmail,
    subject: `${change.code} confirms your new address`,
    content: {
      preheader: `Good for ${codeMinutes} minutes.`,
      heading: 'Is this your new address?',
      blocks: [
        {
          kind: 'text',
          text: `You asked us to write to this address from now on. Type the code into your settings, where you asked for it; it is good for ${codeMinutes} minutes.`,
        },
        { kind: 'code', code: change.code },
        { kind: 'button', label: 'Open my settings', url: page.href },
        {
          kind: 'text',
          text: 'You did not ask for it? Then somebody mistyped an address. Nothing changes, and there is no need to do anything.',
        },
      ],
      footnote: `You get this mail because this address was entered in somebody's settings on ${page.host}.`,
    },
  }
}
