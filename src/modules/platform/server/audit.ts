import type { Tx } from './database.ts'

export interface AuditEntry {
  readonly actor:
    | { readonly kind: 'owner' | 'member'; readonly memberId: string }
    | { readonly kind: 'system' | 'stripe' }
  /** Verb of the trade: 'order.refunded', 'product.archived'. */
  readonly action: string
  readonly subject: { readonly kind: string; readonly id: string }
  /** What was decided: amounts, reasons. No secrets, no card data. */
  readonly detail?: Record<string, string | number | boolean | null>
}

/** Writes one line of the audit trail, in the transaction of the act itself (I24). */
export async function audit(tx: Tx, entry: AuditEntry): Promise<void> {
  await tx
    .insertInto('audit_entry')
    .values({
      actor_kind: entry.actor.kind,
      actor_id: 'memberId' in entry.actor ? entry.actor.memberId : null,
      action: entry.action,
      subject_kind: entry.subject.kind,
      subject_id: entry.subject.id,
      detail: JSON.stringify(entry.detail ?? {}),
    })
    .execute()
}
