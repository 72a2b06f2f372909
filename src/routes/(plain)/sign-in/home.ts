/** Where somebody goes after signing in who was not on the way to anywhere. */
export function homeOf(kind: 'owner' | 'member'): string {
  return kind === 'owner' ? '/admin' : '/dashboard'
}
