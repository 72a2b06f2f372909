import type { StoredMail } from '#modules/notifications/server/index.ts'

/** Where a mail stands, for people. */
export const mailStates = {
  sent: { tone: 'good', words: 'Sent' },
  queued: { tone: 'warn', words: 'Waits' },
  sending: { tone: 'warn', words: 'Being sent' },
  failed: { tone: 'bad', words: 'Failed' },
} as const satisfies Readonly<
  Record<StoredMail['state'], { tone: 'good' | 'warn' | 'bad'; words: string }>
>
