import { isId } from '#modules/platform/ids.ts'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import { deviceWords } from '../device-words.ts'
import { shortNetwork } from '../network.ts'
import type { MemberActor, SessionView, Visitor } from '../types.ts'
import { noteSignIn } from './alarms.ts'
import { makeToken } from './auth.ts'
import { avatarUrl } from './avatar-url.ts'
import {
  clearSessionCookie,
  deviceOf,
  readSessionCookie,
  renewSessionCookie,
  type CookieJar,
} from './session-cookie.ts'
import * as store from './store.session.ts'

/**
 * Who asks: the member of the session in the cookie, undefined for everybody else. One signature check and
 * one indexed query. A session lives 30 days by the one clock; once a day its end (and the cookie's) is moved on.
 */
export async function actorOf(db: Db, cookies: CookieJar): Promise<MemberActor | undefined> {
  const digest = readSessionCookie(cookies)
  if (!digest) return undefined
  const session = await store.sessionByDigest(db, digest)
  if (!session) return undefined
  if (session.isDue) {
    await store.renewSession(db, session.id)
    renewSessionCookie(cookies)
  }
  return {
    kind: session.role,
    memberId: session.memberId,
    email: session.email,
    name: session.name,
    avatarUrl: avatarUrl(session.avatarId),
    sessionId: session.id,
    mayOwe: session.mayOwe,
    // The proof: this is the one place where an actor is made, from a live session.
  } as MemberActor
}

/** A session that was just begun: hand its token to writeSessionCookie() once the transaction is committed. */
export interface SessionStart {
  readonly memberId: string
  readonly role: 'owner' | 'member'
  readonly token: string
}

/**
 * Who knocks: what is kept with a session that begins now. For routes, where somebody signs in: a browser that has no device
 * cookie gets one.
 */
export function visitorOf(event: {
  readonly locals: { readonly network: string }
  readonly request: { readonly headers: Headers }
  readonly cookies: CookieJar
}): Visitor {
  return {
    network: event.locals.network,
    userAgent: event.request.headers.get('user-agent') ?? undefined,
    sessionDigest: readSessionCookie(event.cookies),
    deviceDigest: deviceOf(event.cookies, makeToken),
  }
}

/**
 * Begins a session with a token of its own; the one the browser had before ends, so that a token somebody
 * knew before the sign-in is worth nothing after it. Whoever calls has proven the member.
 */
export async function startSession(
  tx: Tx,
  member: { id: string; role: 'owner' | 'member'; email: string },
  how: {
    provenBy: store.ProvenBy
    /** By a second factor, too, just now. */
    byFactor?: boolean
    /** The account came into being with it: no device was known before. */
    isFirstEver?: boolean
    /** false where a session only begins anew: the member knows. */
    isAnnounced?: boolean
  },
  visitor: Visitor,
): Promise<SessionStart> {
  if (visitor.sessionDigest) await store.deleteSessionByDigest(tx, visitor.sessionDigest)
  const { token, digest } = makeToken()
  const { provenBy, byFactor = false, isFirstEver = false, isAnnounced = true } = how
  await store.insertSession(tx, { memberId: member.id, digest, provenBy, byFactor, visitor })
  await noteSignIn(tx, member, visitor, isFirstEver || !isAnnounced)
  return { memberId: member.id, role: member.role, token }
}

/** Signs out: ends the session of the cookie, if there is one, and takes the cookie away. */
export async function endThisSession(tx: Tx, cookies: CookieJar): Promise<void> {
  const digest = readSessionCookie(cookies)
  if (digest) await store.deleteSessionByDigest(tx, digest)
  clearSessionCookie(cookies)
}

/**
 * Takes the session that asks along into the time to come: whoever moves the rehearsal's clock stays signed in, as all
 * others are not. milliseconds: how far the clock is about to be moved.
 */
export async function carrySession(
  tx: Tx,
  actor: MemberActor,
  milliseconds: number,
): Promise<void> {
  await store.prolongSession(tx, actor.sessionId, milliseconds)
}

/** The member's live sessions, the newest first, at most 50. */
export async function sessionsOf(db: Db, actor: MemberActor): Promise<readonly SessionView[]> {
  const rows = await store.sessionsOf(db, actor.memberId, 50)
  return rows.map((row) => ({
    id: row.id,
    isThisOne: row.id === actor.sessionId,
    device: deviceWords(row.userAgent),
    network: shortNetwork(row.network),
    startedAt: row.startedAt,
    lastSeenAt: row.lastSeenAt,
  }))
}

/** Ends one of the member's own sessions. false: there is none of that id (any more), or it is somebody else's. */
export async function endSession(tx: Tx, actor: MemberActor, sessionId: string): Promise<boolean> {
  return isId(sessionId) && store.deleteSession(tx, actor.memberId, sessionId)
}

/** Ends all of the member's sessions but the one that asks. Returns how many. */
export async function endOtherSessions(tx: Tx, actor: MemberActor): Promise<number> {
  return store.deleteSessions(tx, actor.memberId, actor.sessionId)
}
