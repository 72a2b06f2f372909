import { formatMoment } from '#modules/platform/dates.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'

/** What happened, as the member is told. */
export type Alarm =
  | {
      readonly reason: 'sign_in'
      readonly device: string
      readonly network: string | undefined
      readonly at: Date
    }
  /** what: "an authenticator app", "the passkey “Phone”" */
  | { readonly reason: 'factor_added' | 'factor_removed'; readonly what: string }
  | { readonly reason: 'recovery_used'; readonly codesLeft: number }
  | { readonly reason: 'recovery_replaced' }

/** Tells of something that only the member should do, with the link for whoever did not. */
export function alarmMail(mail: {
  alarmId: string
  email: string
  token: string
  alarm: Alarm
}): OutgoingMail {
  const page = new URL(`/sign-in/not-me/${mail.token}`, runtime().settings.origin)
  const { subject, heading, text, rows } = told(mail.alarm)
  return {
    template: `alarm_${mail.alarm.reason}`,
    entityKey: mail.alarmId,
    to: mail.email,
    subject,
    content: {
      preheader: 'If this was you, there is nothing to do.',
      heading,
      blocks: [
        { kind: 'text', text },
        ...(rows ? [{ kind: 'table' as const, rows }] : []),
        {
          kind: 'text',
          text: 'If this was you, there is nothing to do. If it was not, press the button: it signs everybody out, you too, and lets you set a new password.',
        },
        { kind: 'button', label: 'This was not me', url: page.href },
      ],
      footnote: `You get this mail because it is about your account on ${page.host}. We write whenever something like this happens.`,
    },
  }
}

function told(alarm: Alarm): {
  subject: string
  heading: string
  text: string
  rows?: { label: string; value: string }[]
} {
  switch (alarm.reason) {
    case 'sign_in':
      return {
        subject: 'New sign-in to your account',
        heading: 'Somebody signed in with a new device',
        text: 'We have not seen this browser with your account before.',
        rows: [
          { label: 'Device', value: alarm.device },
          { label: 'Network', value: alarm.network ?? 'unknown' },
          {
            label: 'Time',
            value: `${formatMoment(alarm.at, { zone: 'UTC', locale: 'en-GB' })} UTC`,
          },
        ],
      }
    case 'factor_added':
      return {
        subject: 'Your account is protected by one more thing',
        heading: 'Signing in asks for one more thing now',
        text: `You added ${alarm.what}. From now on it proves that it is you.`,
      }
    case 'factor_removed':
      return {
        subject: 'A protection of your account was taken away',
        heading: 'One protection less',
        text: `You removed ${alarm.what}. It no longer opens your account.`,
      }
    case 'recovery_used':
      return {
        subject: 'One of your recovery codes was used',
        heading: 'A recovery code was used',
        text:
          alarm.codesLeft === 0
            ? 'It was the last one. Please make new ones in your settings.'
            : `It no longer works; ${alarm.codesLeft} of your recovery codes are left.`,
      }
    case 'recovery_replaced':
      return {
        subject: 'You have new recovery codes',
        heading: 'You have new recovery codes',
        text: 'The old ones no longer work.',
      }
  }
}
