/**
 * The owner as this module needs to know them. accounts is of the same rank and may not be imported here;
 * its OwnerActor has this shape, and only accounts mints one.
 */
export interface Owner {
  readonly kind: 'owner'
  readonly memberId: string
}
