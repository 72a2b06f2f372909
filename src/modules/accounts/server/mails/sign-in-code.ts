import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import { codeMinutes } from '../../one-time-code.ts'

/** The code, and a way to the page where it is typed; opening that page signs nobody in. */
export function signInCodeMail(request: {
  requestId: string
  email: string
  code: string
}): OutgoingMail {
  const page = new URL('/sign-in/code', runtime().settings.origin)
  page.searchParams.set('request', request.requestId)
  page.searchParams.set('code', request.code)
  return {
    template: 'sign_in_code',
    entityKey: request.requestId,
    to: request.email,
    subject: `${request.code} is your sign-in code`,
    content: {
      preheader: `Good for ${codeMinutes} minutes.`,
      heading: 'Here is your code',
      blocks: [
        {
          kind: 'text',
          text: `Type it where you asked for it, or use the button below. It works once and is good for ${codeMinutes} minutes.`,
        },
        { kind: 'code', code: request.code },
        { kind: 'button', label: 'Open the sign-in page', url: page.href },
        {
          kind: 'text',
          text: 'You did not ask for it? Then somebody mistyped an address and nothing has happened: no need to do anything. Please give the code to nobody; we will never ask you for it.',
        },
      ],
      footnote: `You get this mail because this address was entered on the sign-in page of ${page.host}.`,
    },
  }
}
