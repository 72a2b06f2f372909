import type { AuditEntry } from '#modules/platform/server/index.ts'
import type { Keeper } from '../types.ts'

/** A keeper as the audit trail names him. */
export function acting(by: Keeper): AuditEntry['actor'] {
  return by === 'system' ? { kind: 'system' } : { kind: 'owner', memberId: by.memberId }
}
