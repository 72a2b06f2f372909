/** Where a member's picture is served: add `?size=64` or `?size=256`. undefined when there is none. */
export function avatarUrl(avatarId: string | null): string | undefined {
  return avatarId === null ? undefined : `/avatars/${avatarId}`
}
