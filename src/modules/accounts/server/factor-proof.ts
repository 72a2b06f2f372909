import { audit, log, realSeconds, sign, unseal, type Tx } from '#modules/platform/server/index.ts'
import { readCode } from '../one-time-code.ts'
import { readRecoveryCode } from '../recovery-codes.ts'
import { raiseAlarm } from './alarms.ts'
import { usePasskeyProof, type PasskeyProof } from './passkeys.ts'
import * as store from './store.factor.ts'
import type { MemberRow } from './store.member.ts'
import { judgeTotp } from './totp.ts'

/** What somebody shows as a second factor: a code (of an app or for recovery, as typed), or a passkey's signature. */
export type FactorTry = { readonly code: string } | { readonly passkey: PasskeyProof }

/** used: a code that was right once. unread: no code at all, nothing was tried. */
export type FactorResult =
  | { readonly ok: true; readonly by: 'app' | 'passkey' | 'recovery code' }
  | { readonly ok: false; readonly reason: 'wrong' | 'used' | 'unread' }

/**
 * Whether this proves the member by a second factor, which is used up by it: each code and each signature counts once, of two
 * at once one. The caller limits the tries and commits also when it is refused.
 */
export async function proveFactor(
  tx: Tx,
  member: Pick<MemberRow, 'id' | 'email' | 'role'>,
  tried: FactorTry,
): Promise<FactorResult> {
  if ('passkey' in tried) {
    const isIts = tried.passkey.memberId === member.id
    return isIts && (await usePasskeyProof(tx, tried.passkey))
      ? { ok: true, by: 'passkey' }
      : { ok: false, reason: 'wrong' }
  }
  const digits = readCode(tried.code)
  if (digits !== undefined) return proveByApp(tx, member.id, digits)
  const recovery = readRecoveryCode(tried.code)
  if (recovery !== undefined) return proveByRecoveryCode(tx, member, recovery)
  return { ok: false, reason: 'unread' }
}

async function proveByApp(tx: Tx, memberId: string, code: string): Promise<FactorResult> {
  const stored = await store.lockTotp(tx, memberId)
  if (!stored?.confirmedAt) return { ok: false, reason: 'wrong' }
  const secret = totpSecret(stored)
  if (secret === undefined) {
    log.warn(
      { memberId },
      'the secret of an authenticator app cannot be read: was SUNDRY_SECRET changed?',
    )
    return { ok: false, reason: 'wrong' }
  }
  const judged = judgeTotp(code, { secret, lastStep: stored.lastStep }, await realSeconds(tx))
  if (!judged.ok) return judged
  await store.useTotpStep(tx, memberId, judged.step)
  return { ok: true, by: 'app' }
}

/** The purpose under which the secret of an app is sealed: in another row it does not open. */
export const totpPurpose = (factorId: string) => `totp secret ${factorId}`

export function totpSecret(stored: { id: string; secretSealed: string }): string | undefined {
  return unseal(totpPurpose(stored.id), stored.secretSealed)
}

export function recoveryDigest(memberId: string, code: string): string {
  return sign('recovery code', memberId, code)
}

async function proveByRecoveryCode(
  tx: Tx,
  member: Pick<MemberRow, 'id' | 'email' | 'role'>,
  code: string,
): Promise<FactorResult> {
  const isRight = await store.useRecoveryCode(tx, member.id, recoveryDigest(member.id, code))
  if (!isRight) return { ok: false, reason: 'wrong' }
  const codesLeft = await store.recoveryCodesLeft(tx, member.id)
  await audit(tx, {
    actor: { kind: member.role, memberId: member.id },
    action: 'member.recovery_code_used',
    subject: { kind: 'member', id: member.id },
    detail: { codesLeft },
  })
  await raiseAlarm(tx, member, { reason: 'recovery_used', codesLeft })
  return { ok: true, by: 'recovery code' }
}
