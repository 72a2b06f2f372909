import { redirect } from '@sveltejs/kit'
import { isId, newId } from '#modules/platform/ids.ts'
import {
  db,
  inTransaction,
  postedForm,
  seal,
  unseal,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import { isProofFor, needsProof, type ProofFor } from '../fresh-proof-rules.ts'
import type { MemberActor } from '../types.ts'
import { isPassword, makeToken } from './auth.ts'
import { proveFactor, type FactorResult, type FactorTry } from './factor-proof.ts'
import { memberOnly } from './gates.ts'
import { lockMember, memberById } from './store.member.ts'
import * as store from './store.fresh-proof.ts'

declare const fresh: unique symbol

/** Who asks has proven, ten minutes ago at most, that it is them; or what they do needs no proof (fresh-proof-rules.ts). */
export interface FreshProof<What extends ProofFor = ProofFor> {
  readonly actor: MemberActor
  readonly what: What
  readonly [fresh]: true
}

interface Request {
  readonly locals: { readonly actor: MemberActor | undefined }
  readonly url: URL
}

/**
 * Asks for a fresh proof before something dangerous, where one is due: sends to "Confirm it is you" and comes back here
 * afterwards. For load functions, and for actions whose form is handed in: it is kept meanwhile and goes on by itself, so
 * nothing typed is lost. Throws Kit's redirect. Never call it inside a transaction.
 */
export async function requireFreshProof<What extends ProofFor>(
  request: Request,
  what: What,
  form?: FormData,
): Promise<FreshProof<What>> {
  const actor = memberOnly(request)
  const state = await store.proofState(db(), actor.sessionId)
  // The proof: this is the one place where it is made.
  if (state && !needsProof(what, state)) return { actor, what } as FreshProof<What>
  const { url } = request
  if (!form) {
    const query = new URLSearchParams(
      [...url.searchParams].filter(([name]) => !name.startsWith('/')),
    )
    const here = query.size > 0 ? `${url.pathname}?${query}` : url.pathname
    redirect(303, `/sign-in/confirm?${new URLSearchParams({ for: what, next: here })}`)
  }
  const id = newId()
  await inTransaction(async (tx) => {
    await store.deleteKeptFormsBut(tx, actor.sessionId, mostKeptForms - 1)
    await store.insertKeptForm(tx, {
      id,
      sessionId: actor.sessionId,
      path: (url.pathname + url.search).slice(0, 600),
      whatFor: what,
      fieldsSealed: seal(`kept form ${id}`, JSON.stringify(textsOf(form))),
    })
  })
  redirect(303, `/sign-in/confirm?form=${id}`)
}

/**
 * postedForm() for an action that needs a fresh proof: reads the form, or the one that was kept while the proof was given.
 * The one line such an action needs: `const { form } = await provenForm(event, 'refund')`.
 */
export async function provenForm<What extends ProofFor>(
  event: Request & { readonly request: globalThis.Request },
  what: What,
): Promise<{ readonly form: FormData; readonly proof: FreshProof<What> }> {
  const actor = memberOnly(event)
  const form = await unkept(actor, await postedForm(event.request), event.url)
  return { form, proof: await requireFreshProof(event, what, form) }
}

/** The kept form that a form refers to, taken out: it goes on once, by its own session and to where it was sent. */
async function unkept(actor: MemberActor, form: FormData, url: URL): Promise<FormData> {
  const id = form.get(keptField)
  if (typeof id !== 'string' || !isId(id)) return form
  const kept = await inTransaction((tx) => store.takeKeptForm(tx, actor.sessionId, id))
  const fields =
    kept?.path === url.pathname + url.search
      ? unseal(`kept form ${id}`, kept.fieldsSealed)
      : undefined
  const restored = new FormData()
  if (fields === undefined) return restored
  // Written by textsOf() and unchanged since, or it would not have opened.
  for (const [name, value] of JSON.parse(fields) as [string, string][]) restored.append(name, value)
  return restored
}

/** The field by which the page that goes on names the kept form. */
export const keptField = '_kept'
const mostKeptForms = 5
const mostFieldsLength = 400_000

/** Texts alone: files are too large to keep, and no form that needs a proof has one. */
function textsOf(form: FormData): [string, string][] {
  const texts: [string, string][] = []
  let length = 0
  for (const [name, value] of form) {
    if (typeof value !== 'string') continue
    length += name.length + value.length
    // Far more than a form of ours holds: what is beyond comes back empty, and its action says so.
    if (length > mostFieldsLength) break
    texts.push([name, value])
  }
  return texts
}

/** What the page "Confirm it is you" is about. */
export interface ProofRequest {
  readonly what: ProofFor
  /** Nothing has to be proven (any more). */
  readonly isGiven: boolean
  readonly hasFactor: boolean
  readonly hasPassword: boolean
  /** The form that waits, by where it was sent; undefined: there is none (any more). */
  readonly keptPath: string | undefined
}

/** formId, what: as they stand in the page's address. undefined when the session has ended. */
export async function proofRequest(
  db: Db,
  actor: MemberActor,
  asked: { formId: string | null; what: string | null },
): Promise<ProofRequest | undefined> {
  const kept =
    asked.formId !== null && isId(asked.formId)
      ? await store.keptForm(db, actor.sessionId, asked.formId)
      : undefined
  const named = kept?.whatFor ?? asked.what
  const what = isProofFor(named) ? named : 'factors'
  const state = await store.proofState(db, actor.sessionId)
  if (!state) return undefined
  const member = await memberById(db, actor.memberId)
  return {
    what,
    isGiven: !needsProof(what, state),
    hasFactor: state.hasFactor,
    hasPassword: member?.passwordHash != null,
    keptPath: kept?.path,
  }
}

/** The session's new token: hand it to writeSessionCookie() once the transaction is committed. */
export type ProofGiven =
  | { readonly ok: true; readonly token: string }
  | Exclude<FactorResult, { ok: true }>

/**
 * Notes that the member proved a second factor at this session, which gets a new token. Refusals must be committed. A
 * passkey's signature counts only when this session asked for it. The caller has asked mayTrySecondFactor().
 */
export async function confirmByFactor(
  tx: Tx,
  actor: MemberActor,
  tried: FactorTry,
): Promise<ProofGiven> {
  if ('passkey' in tried) {
    const { scope } = tried.passkey
    if (scope.purpose !== 'proof' || scope.sessionId !== actor.sessionId)
      return { ok: false, reason: 'wrong' }
  }
  const member = await lockMember(tx, actor.memberId)
  if (!member) return { ok: false, reason: 'wrong' }
  const result = await proveFactor(tx, member, tried)
  return result.ok ? renewed(tx, actor, true) : result
}

/** The same by the password, for a member without a second factor. The caller has asked mayTryToSignIn(). */
export async function isOwnPassword(
  db: Db,
  actor: MemberActor,
  password: string,
): Promise<boolean> {
  const member = await memberById(db, actor.memberId)
  return isPassword(password, member?.passwordHash)
}

/** After isOwnPassword() said yes. */
export async function confirmByPassword(tx: Tx, actor: MemberActor): Promise<ProofGiven> {
  return renewed(tx, actor, false)
}

async function renewed(tx: Tx, actor: MemberActor, byFactor: boolean): Promise<ProofGiven> {
  const { token, digest } = makeToken()
  const isLive = await store.proveSession(tx, actor.sessionId, { byFactor, newDigest: digest })
  return isLive ? { ok: true, token } : { ok: false, reason: 'wrong' }
}
