import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'

/** After a password was set or changed. isFirst: there was none before. */
export function passwordChangedMail(change: {
  changeId: string
  email: string
  isFirst: boolean
}): OutgoingMail {
  const page = new URL('/sign-in', runtime().settings.origin)
  return {
    template: 'password_changed',
    entityKey: change.changeId,
    to: change.email,
    subject: change.isFirst ? 'Your account has a password now' : 'Your password was changed',
    content: {
      preheader: 'You were signed out everywhere else.',
      heading: change.isFirst ? 'You have a password now' : 'Your password was changed',
      blocks: [
        {
          kind: 'text',
          text: 'From now on you can sign in with your e-mail address and this password, or with a code by mail as before. You were signed out on all other devices.',
        },
        {
          kind: 'text',
          text: 'If this was not you, sign in with a code and set a new password: that ends every other session.',
        },
        { kind: 'button', label: 'Sign in', url: page.href },
      ],
      footnote: `You get this mail because the password of your account on ${page.host} was set.`,
    },
  }
}
