import { error } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { runtime } from '#modules/platform/server/index.ts'

/** Pages a buyer is sent to; everything else of the sandbox (its inspector, clock, chaos) is the owner's. */
const buyerPages = /^(?:(?:c\/pay|3ds|r|receipts|i|p\/session)\/[\w-]+|i\/[\w-]+\/pdf)$/

/** The built-in Stripe's pages under the shop's own address. In rehearsal mode only: with a real key there is nothing here. */
const forward: RequestHandler = async (event) => {
  const { sandbox } = runtime()
  if (!sandbox) error(404, 'There is no page here.')
  const { request, url } = event
  // As it was asked for: decoded, ..%2f would step out of what was allowed.
  const path = url.pathname.slice('/sandbox/'.length)
  const headers = new Headers({ 'x-forwarded-for': event.locals.network })
  if (!buyerPages.test(path)) {
    ownerOnly(event)
    headers.set('authorization', `Bearer ${sandbox.key}`)
  }
  for (const name of ['content-type', 'accept', 'accept-language']) {
    const value = request.headers.get(name)
    if (value) headers.set(name, value)
  }
  const answer = await fetch(`${sandbox.url}/${path}${url.search}`, {
    method: request.method,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(20_000),
    ...(request.method === 'POST' ? { body: await request.arrayBuffer() } : {}),
  }).catch(() =>
    error(
      503,
      'The Stripe sandbox does not answer. It is started again by itself; try again in a moment.',
    ),
  )
  const passed = new Headers()
  for (const name of [
    'content-type',
    'content-disposition',
    'location',
    'content-security-policy',
    'cache-control',
  ]) {
    const value = answer.headers.get(name)
    if (value) passed.set(name, value)
  }
  return new Response(answer.body, { status: answer.status, headers: passed })
}

export const GET = forward
export const POST = forward
