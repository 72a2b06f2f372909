import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import { headedMail, text } from './headed-mail.ts'

/** Whom a mail about a plan that was given is to. next: what it opens and until when, in words. */
export interface ToGiven {
  readonly id: string
  readonly to: string
  readonly title: string
  readonly next: string
}

const mail = headedMail('You get this mail because the shop gave you something.')
const page = () => `${runtime().settings.origin}/sign-in?next=/dashboard/membership`

/** gift: how long it is, in words; undefined for what is given without being counted in months. */
export function planGivenMail(given: ToGiven, gift: string | undefined): OutgoingMail {
  const { title, next } = given
  return mail(
    given,
    { template: 'plan_given', entityKey: given.id },
    {
      subject: gift ? `A gift for you: ${gift} of ${title}` : `${title} is yours`,
      preheader: 'Nothing is charged.',
      blocks: [
        text(
          `We have given you ${gift ? `${gift} of ${title}` : title}. ${next} Nothing is charged, and nothing renews by itself.`,
        ),
        text('Sign in with this address and a code; it stands under Membership.'),
        { kind: 'button', label: 'Open it', url: page() },
      ],
    },
  )
}

/** A gift that waited begins. from: when, as a key of this beginning. */
export function giftBegunMail(given: ToGiven, from: Date): OutgoingMail {
  return mail(
    given,
    { template: 'plan_gift_begun', entityKey: `${given.id}:${from.toISOString()}` },
    {
      subject: `Your gift of ${given.title} has begun`,
      preheader: 'Nothing is charged.',
      blocks: [
        text(`Your gift waited until now, and goes on from here. ${given.next}`),
        { kind: 'button', label: 'Look at your membership', url: page() },
      ],
    },
  )
}

/** It has ended by its time, and nothing else opens the same. */
export function givenEndedMail(given: ToGiven): OutgoingMail {
  return mail(
    given,
    { template: 'plan_given_ended', entityKey: given.id },
    {
      subject: `${given.title} has ended`,
      preheader: 'Nothing was charged.',
      blocks: [
        text(
          `The time of ${given.title} that the shop gave you is over, and what it opened is closed. Nothing was charged, and nothing is charged now.`,
        ),
        {
          kind: 'button',
          label: 'See the plans',
          url: `${runtime().settings.origin}/plans`,
        },
      ],
    },
  )
}
