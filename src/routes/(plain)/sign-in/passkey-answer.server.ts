import {
  checkPasskey,
  takePasskeyAnswer,
  type ChallengeScope,
  type PasskeyProof,
} from '#modules/accounts/server/index.ts'
import { db, inTransaction, textField } from '#modules/platform/server/index.ts'

/** The passkey's answer in a posted form, checked; its challenge is used up whatever comes out. undefined: not accepted. */
export async function passkeyIn(
  form: FormData,
  scope: ChallengeScope,
): Promise<PasskeyProof | undefined> {
  const sent = textField(form, 'answer')
  const taken = await inTransaction((tx) => takePasskeyAnswer(tx, sent, scope))
  return taken && checkPasskey(db(), taken)
}
