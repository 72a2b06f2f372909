declare const proven: unique symbol

/** Who asks, proven by a session. Only accounts/server mints these; a use case asks for the one it needs. */
export interface MemberActor {
  readonly kind: 'owner' | 'member'
  readonly memberId: string
  /** Canonical and proven. */
  readonly email: string
  readonly name: string
  /** Address of the avatar, undefined when there is none. */
  readonly avatarUrl: string | undefined
  readonly sessionId: string
  readonly [proven]: true
}

export interface OwnerActor extends MemberActor {
  readonly kind: 'owner'
}
