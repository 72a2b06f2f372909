import type { Dispute, Evidence } from './objects/dispute.ts'
import type { Operation } from './operation.ts'
import type { Params } from './params.ts'
import type { Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { NEXT, decide, expectDecision } from './dispute.ts'
import { EVIDENCE, EVIDENCE_FILES } from './objects/dispute.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'

/** docs.stripe.com/api/disputes/update: the longest piece of evidence, and all of it together. */
const MAX_EVIDENCE = 20_000
const MAX_ALL_EVIDENCE = 150_000

/** Texts by which Stripe's test mode decides a dispute (docs.stripe.com/testing#disputes). */
const DECIDING_TEXT = {
  winning_evidence: 'win',
  losing_evidence: 'lose',
  escalate_inquiry_evidence: 'escalate',
} as const

export const disputeOperations: readonly Operation[] = [
  {
    route: 'GET /v1/disputes/{dispute}',
    read: (reading, _params, path) =>
      reading.atPath('dispute', pathParam(path, 'dispute'), 'dispute'),
  },
  {
    route: 'POST /v1/disputes/{dispute}',
    write: (work, params, path) => updateDispute(work, params, pathParam(path, 'dispute')),
  },
  {
    route: 'POST /v1/disputes/{dispute}/close',
    async write(work, _params, path) {
      const dispute = await work.atPath('dispute', pathParam(path, 'dispute'), 'dispute')
      return decide(work, dispute, 'lose')
    },
  },
  listOperation('/v1/disputes', 'dispute', [equals('charge'), equals('payment_intent')]),
]

async function updateDispute(work: Work, params: Params, id: string): Promise<Dispute> {
  const before = await work.atPath('dispute', id, 'dispute')
  const evidence = params.group('evidence')
  for (const name of ['enhanced_evidence', 'appeal'])
    if (evidence?.has(name) === true)
      throw notInSandbox(`\`${name}\` of a dispute`, evidence.path(name))
  if (params.has('intended_submission_method'))
    throw notInSandbox('`intended_submission_method` of a dispute', 'intended_submission_method')
  const submits = params.flag('submit') ?? evidence !== undefined
  const isAnswer = evidence !== undefined || submits
  const next = NEXT.submit[before.status]
  if (isAnswer && next === undefined)
    throw invalidRequest(`This dispute is ${before.status} and no longer takes evidence.`, {
      param: 'evidence',
    })
  const { due_by } = before.evidence_details
  if (isAnswer && due_by !== null && work.now > due_by)
    throw invalidRequest('The time to answer this dispute is over; it takes no more evidence.', {
      param: 'evidence',
    })
  const after = work.update('dispute', 'charge.dispute.updated', before, {
    ...before,
    evidence: collect(before.evidence, evidence),
    evidence_details: {
      ...before.evidence_details,
      has_evidence: before.evidence_details.has_evidence || evidence !== undefined,
      submission_count: before.evidence_details.submission_count + (submits ? 1 : 0),
      submission_method: submits ? 'manual' : before.evidence_details.submission_method,
    },
    metadata: params.metadata(before.metadata),
    status: submits && next !== undefined ? next : before.status,
  })
  if (!submits) return after
  expectDecision(work, after)
  const deed = decisionIn(after.evidence)
  // The bank answers after the request, as at Stripe: the answer shows "under review".
  if (deed !== undefined) work.later(work.nowMs, `dispute.${deed}`, id)
  return after
}

function collect(before: Evidence, given: Params | undefined): Evidence {
  if (given === undefined) return before
  const collected: Record<string, Evidence[string]> = { ...before }
  for (const name of EVIDENCE) {
    const value = given.settable(name, MAX_EVIDENCE)
    if (typeof value === 'string' && EVIDENCE_FILES.has(name))
      throw invalidRequest(
        `No such file upload: '${value}'. Files cannot be uploaded to this sandbox.`,
        { code: 'resource_missing', param: given.path(name) },
      )
    if (value !== undefined) collected[name] = value
  }
  const length = Object.values(collected).reduce(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 0),
    0,
  )
  if (length > MAX_ALL_EVIDENCE)
    throw invalidRequest(
      `All evidence together can have up to ${MAX_ALL_EVIDENCE} characters; this has ${length}.`,
      { code: 'parameter_invalid_string_length', param: 'evidence' },
    )
  return collected
}

function decisionIn(evidence: Evidence): 'win' | 'lose' | 'escalate' | undefined {
  const text = evidence['uncategorized_text']
  if (typeof text !== 'string') return undefined
  for (const [word, deed] of Object.entries(DECIDING_TEXT)) if (text.trim() === word) return deed
  return undefined
}
