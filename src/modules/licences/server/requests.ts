import { refusal, type LicenceAnswer } from '../answers.ts'
import { keyQuestion, type KeyQuestion } from '../schemas.ts'
import { activateKey, deactivateKey, mayAskAboutKey, verifyKey } from './ask.ts'

export type LicenceAct = 'verify' | 'activate' | 'deactivate'

export interface LicenceResponse {
  readonly status: number
  readonly answer: LicenceAnswer
  readonly retryAfterSeconds?: number
}

/**
 * Answers what software asks about a key. fields: what was sent, of whatever form; undefined: it could not be read. What could
 * be asked is answered with 200, whatever the answer; 400 and 429 have the same fields.
 */
export async function answerLicenceRequest(
  act: LicenceAct,
  fields: Readonly<Record<string, unknown>> | undefined,
  network: string,
): Promise<LicenceResponse> {
  const parsed = keyQuestion.safeParse(fields)
  const waitSeconds = await mayAskAboutKey(network, parsed.success ? parsed.data.key : '')
  if (waitSeconds !== undefined)
    return { status: 429, answer: refusal('too_many'), retryAfterSeconds: waitSeconds }
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const words = fields === undefined ? 'Send a JSON object or a form.' : wordsOf(issue)
    return { status: 400, answer: refusal('bad_request', words) }
  }
  const asked = parsed.data
  if (act === 'verify') return { status: 200, answer: await verifyKey(asked) }
  const { instance } = asked
  if (!instance)
    return {
      status: 400,
      answer: refusal('bad_request', 'Say where the software runs: "instance".'),
    }
  const work: (asked: KeyQuestion & { instance: string }) => Promise<LicenceAnswer> =
    act === 'activate' ? activateKey : deactivateKey
  return { status: 200, answer: await work({ ...asked, instance }) }
}

function wordsOf(issue: { path: readonly PropertyKey[]; message: string } | undefined): string {
  const field = String(issue?.path[0] ?? '')
  return field === '' || field === 'key'
    ? (issue?.message ?? '')
    : `"${field}" is a text that is too long, or none.`
}
