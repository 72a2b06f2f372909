declare const proven: unique symbol

/** Who asks, proven by a session. Only accounts/server mints these; a use case asks for the one it needs. */
export interface MemberActor {
  readonly kind: 'owner' | 'member'
  readonly memberId: string
  /** Canonical and proven. */
  readonly email: string
  /** '' = not told yet. */
  readonly name: string
  /** Address of the avatar (`?size=64` or `?size=256`), undefined when there is none. */
  readonly avatarUrl: string | undefined
  readonly sessionId: string
  /** Whether a payment of theirs may be owed: looked up with the session, so that nobody else's pages ask for one. */
  readonly mayOwe: boolean
  readonly [proven]: true
}

export interface OwnerActor extends MemberActor {
  readonly kind: 'owner'
}

/** Where a request comes from, as far as it is kept with a session. */
export interface Visitor {
  /** Address of the client. */
  readonly network: string
  readonly userAgent: string | undefined
  /** Of the session the browser already has; it ends where another one begins. */
  readonly sessionDigest: string | undefined
  /** By which the browser is known again; it opens nothing. */
  readonly deviceDigest: string
}

/** The second factors of a member, as its settings show them. */
export interface Factors {
  readonly app: { readonly addedAt: Date; readonly lastUsedAt: Date | undefined } | undefined
  readonly passkeys: readonly PasskeyView[]
  /** Of recovery codes. */
  readonly codesLeft: number
}

export interface PasskeyView {
  readonly id: string
  readonly name: string
  readonly addedAt: Date
  readonly lastUsedAt: Date | undefined
  /** Its maker keeps a copy, so that it is not lost with the device. */
  readonly isBackedUp: boolean
}

/** A session as its member sees it in the settings. */
export interface SessionView {
  readonly id: string
  readonly isThisOne: boolean
  /** "Firefox on Linux" */
  readonly device: string
  /** Shortened: "203.0.113.…" */
  readonly network: string | undefined
  readonly startedAt: Date
  /** Exact to a day. */
  readonly lastSeenAt: Date
}

/** A customer in the owner's list. */
export interface CustomerRow {
  readonly id: string
  readonly email: string
  /** Told by the member, or when buying; undefined when nobody told. */
  readonly name: string | undefined
  /** undefined = a guest: nobody has proven the mailbox. */
  readonly memberId: string | undefined
  readonly createdAt: Date
}

export interface CustomersPage {
  readonly items: readonly CustomerRow[]
  /** Asks for the page after this one; undefined on the last. */
  readonly nextCursor: string | undefined
}

export interface CustomerDetail extends CustomerRow {
  /** When the purchases of a guest became the member's. */
  readonly claimedAt: Date | undefined
  readonly member:
    | {
        readonly id: string
        readonly email: string
        readonly name: string
        readonly role: 'owner' | 'member'
        readonly avatarUrl: string | undefined
        readonly createdAt: Date
      }
    | undefined
  /** Other customers that are the same member, oldest first. */
  readonly sameMember: readonly { readonly id: string; readonly email: string }[]
}
