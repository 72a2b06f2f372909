import { formatMoney } from '#modules/platform/money.ts'
import type { OrderWithLines } from './types.ts'

/** What is known about a sale, for whoever has to judge it. All instants are told in UTC, as banks do. */
export interface SaleRecord {
  readonly order: OrderWithLines
  readonly shopName: string
  readonly consents: readonly {
    readonly words: string
    readonly at: Date
    readonly network: string | null
  }[]
  readonly answers: readonly { readonly question: string; readonly answer: string }[]
  readonly policies: readonly { readonly title: string; readonly url: string }[]
  readonly fetches: readonly {
    readonly at: Date
    readonly what: string
    readonly act: string
    readonly isComplete: boolean
    readonly network: string | undefined
    readonly device: string | undefined
  }[]
  readonly mails: readonly {
    readonly subject: string
    readonly to: string
    readonly sentAt: Date | undefined
  }[]
}

/** Stripe's names for what a dispute is answered with. Source: the Dispute object, field evidence. */
export type Evidence = Readonly<
  Partial<
    Record<
      | 'product_description'
      | 'customer_name'
      | 'customer_email_address'
      | 'customer_purchase_ip'
      | 'access_activity_log'
      | 'refund_policy_disclosure'
      | 'service_date'
      | 'uncategorized_text',
      string
    >
  >
>

/** Stripe takes this many signs in one text, and 150,000 in all. Source: docs.stripe.com/api/disputes/update. */
const longestText = 20_000

/**
 * Puts the evidence of a sale together: what was bought, by whom, what they agreed to, what they fetched and when. ownWords:
 * what the owner adds.
 */
export function evidenceOf(record: SaleRecord, ownWords: string): Evidence {
  const { order } = record
  const fetched = record.fetches
    .toSorted((one, other) => one.at.getTime() - other.at.getTime())
    .map((fetch) =>
      [
        stamp(fetch.at),
        `${fetch.act} ${fetch.what}`,
        fetch.isComplete ? 'whole' : 'in part',
        fetch.network && `network ${fetch.network}`,
        fetch.device,
      ]
        .filter(Boolean)
        .join(', '),
    )
  const evidence: Record<string, string | undefined> = {
    product_description: [
      `Digital goods sold by ${record.shopName}, order ${order.number} of ${stamp(order.placedAt)}:`,
      ...order.lines.map(
        (line) =>
          `- ${line.quantity} × ${line.title}, ${formatMoney({ minor: line.totalMinor, currency: order.currency })}`,
      ),
      `Total ${formatMoney({ minor: order.totalMinor, currency: order.currency })}, delivered at once by download.`,
    ].join('\n'),
    customer_name: order.buyerName,
    customer_email_address: order.email,
    service_date: stamp(order.placedAt).slice(0, 10),
    access_activity_log:
      fetched.length > 0
        ? ['What the buyer fetched (times in UTC, networks shortened):', ...fetched].join('\n')
        : undefined,
    refund_policy_disclosure:
      record.policies.length > 0 || record.consents.length > 0
        ? [
            ...record.policies.map((policy) => `${policy.title}: ${policy.url}`),
            ...record.consents.map(
              (consent) =>
                `Agreed to at ${stamp(consent.at)}${consent.network ? ` from ${consent.network}` : ''}: “${consent.words}”`,
            ),
          ].join('\n')
        : undefined,
    uncategorized_text:
      [
        ownWords.trim(),
        record.answers.length > 0
          ? [
              'What the buyer told us when buying:',
              ...record.answers.map((answer) => `- ${answer.question} ${answer.answer}`),
            ].join('\n')
          : '',
        record.mails.length > 0
          ? [
              'Mail we sent about it:',
              ...record.mails.map(
                (mail) =>
                  `- ${mail.sentAt ? stamp(mail.sentAt) : 'not delivered'}: “${mail.subject}” to ${mail.to}`,
              ),
            ].join('\n')
          : '',
      ]
        .filter((part) => part !== '')
        .join('\n\n') || undefined,
  }
  return Object.fromEntries(
    Object.entries(evidence).flatMap(([name, text]) =>
      text === undefined || text === '' ? [] : [[name, text.slice(0, longestText)]],
    ),
  )
}

function stamp(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
