import {
  actorOf,
  createOwner,
  prepareOwnerSetup,
  requestSignInCode,
  sealPassword,
  signInByCode,
  visitorOf,
  writeSessionCookie,
  type CookieJar,
  type SignInByCode,
} from '#modules/accounts/server/index.ts'
import type { MemberActor, OwnerActor, Visitor } from '#modules/accounts/types.ts'
import { db, inTransaction, type MailContent } from '#modules/platform/server/index.ts'

// People as tests need them: a browser that keeps cookies, a mailbox that can be read, somebody signed in.

export interface TestBrowser extends CookieJar {
  readonly cookies: Map<string, string>
  /** How the last cookie was set. */
  lastOptions: Parameters<CookieJar['set']>[2] | undefined
  /** As visitorOf() sees a request of this browser. */
  visitor(): Visitor
}

export function newBrowser(network = '203.0.113.7'): TestBrowser {
  const cookies = new Map<string, string>()
  const browser: TestBrowser = {
    cookies,
    lastOptions: undefined,
    get: (name) => cookies.get(name),
    set(name, value, options) {
      browser.lastOptions = options
      if (options.maxAge === 0) cookies.delete(name)
      else cookies.set(name, value)
    },
    visitor: () =>
      visitorOf({
        locals: { network },
        request: { headers: new Headers({ 'user-agent': 'Firefox/140.0 (Linux)' }) },
        cookies: browser,
      }),
  }
  return browser
}

/** Mails of the outbox to an address, the newest last. */
export async function mailsTo(address: string) {
  const rows = await db()
    .selectFrom('email_message')
    .select(['template', 'subject', 'content', 'entity_key as entityKey'])
    .where('to_address', '=', address)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  // The column holds what queueMail() was given.
  return rows.map((row) => ({ ...row, content: row.content as unknown as MailContent }))
}

/** The code in the newest mail to an address. */
export async function codeMailedTo(address: string): Promise<string> {
  const mail = (await mailsTo(address)).at(-1)
  const block = mail?.content.blocks.find((block) => block.kind === 'code')
  if (block?.kind !== 'code') throw new Error(`No code was mailed to ${address}.`)
  return block.code
}

/** A code six digits long that is not this one. */
export function otherCode(code: string): string {
  return code === '000000' ? '000001' : '000000'
}

/** Asks for a code, reads the mail and signs in; the account comes into being where there was none. */
export async function signUp(
  email: string,
  browser: TestBrowser = newBrowser(),
): Promise<{ actor: MemberActor; browser: TestBrowser; result: SignInByCode }> {
  const requestId = await inTransaction((tx) =>
    requestSignInCode(tx, { email, nextPath: undefined }),
  )
  const code = await codeMailedTo(email)
  const result = await inTransaction((tx) =>
    signInByCode(tx, { requestId, code }, browser.visitor()),
  )
  if (!result.ok) throw new Error(`${email} could not sign in: ${result.reason}`)
  if (result.step !== 'done') throw new Error(`${email} has a second factor.`)
  writeSessionCookie(browser, result.session.token)
  return { actor: await actorIn(browser), browser, result }
}

/** Who is signed in in a browser. */
export async function actorIn(browser: TestBrowser): Promise<MemberActor> {
  const actor = await actorOf(db(), browser)
  if (!actor) throw new Error('Nobody is signed in in this browser.')
  return actor
}

/** Sets the shop up for an owner and signs the owner in. */
export async function setUpOwner(
  email = 'owner@example.com',
  browser: TestBrowser = newBrowser(),
): Promise<{ actor: OwnerActor; browser: TestBrowser }> {
  const token = await inTransaction(prepareOwnerSetup)
  if (!token) throw new Error('The shop has an owner already.')
  const password = await sealPassword('a quiet lamp in june')
  const result = await inTransaction((tx) =>
    createOwner(tx, { token, name: 'The Owner', email, password }, browser.visitor()),
  )
  if (!result.ok) throw new Error(`The owner could not be made: ${result.reason}`)
  writeSessionCookie(browser, result.session.token)
  const actor = await actorIn(browser)
  if (actor.kind !== 'owner') throw new Error('The owner is no owner.')
  // kind is what tells an OwnerActor from a MemberActor.
  return { actor: actor as OwnerActor, browser }
}
