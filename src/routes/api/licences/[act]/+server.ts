import { json } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { refusal, type LicenceAnswer } from '#modules/licences/answers.ts'
import { answerLicenceRequest, type LicenceAct } from '#modules/licences/server/index.ts'

// Asked by software, from any origin; without cookies (server/http.ts takes them off). See docs/licences.md.

const open = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'retry-after',
} as const

export const POST: RequestHandler = async ({ params, request, locals }) => {
  if (!isAct(params.act))
    return told(404, refusal('bad_request', 'There is nothing at this address.'))
  const { status, answer, retryAfterSeconds } = await answerLicenceRequest(
    params.act,
    await fieldsOf(request),
    locals.network,
  )
  return told(
    status,
    answer,
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
  )
}

/** What a browser asks before it posts JSON from another origin. */
export const OPTIONS: RequestHandler = () =>
  new Response(null, {
    status: 204,
    headers: {
      ...open,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '86400',
    },
  })

/** A key does not belong into an address, where logs keep it. */
export const fallback: RequestHandler = () =>
  told(405, refusal('bad_request', 'Ask by POST.'), { allow: 'POST' })

function told(status: number, answer: LicenceAnswer, headers: Record<string, string> = {}) {
  return json(answer, { status, headers: { ...open, ...headers } })
}

function isAct(text: string): text is LicenceAct {
  return text === 'verify' || text === 'activate' || text === 'deactivate'
}

/** The fields of a JSON object or a form; undefined for anything else. The server in front limits its length. */
async function fieldsOf(request: Request): Promise<Record<string, unknown> | undefined> {
  try {
    if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
      return Object.fromEntries(await request.formData())
    const body: unknown = await request.json()
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? { ...body }
      : undefined
  } catch {
    return undefined
  }
}
