import type { IconName } from '#modules/platform/ui/icons.ts'

/** What the owner's rail leads to, in order of use. In rehearsal no mail leaves the shop: it is read in the mailbox. */
export function ownerEntries(
  isRehearsal: boolean,
  waiting: { readonly comments: number } = { comments: 0 },
): readonly {
  readonly label: string
  readonly href: string
  readonly icon: IconName
  readonly also?: readonly string[]
  /** What waits there for the owner. */
  readonly count?: number
}[] {
  return [
    { label: 'Orders', href: '/admin/orders', icon: 'receipt', also: ['/admin/withdrawals'] },
    { label: 'Products', href: '/admin/products', icon: 'box', also: ['/admin/downloads'] },
    { label: 'Coupons', href: '/admin/coupons', icon: 'tag' },
    { label: 'Customers', href: '/admin/customers', icon: 'people', also: ['/admin/access'] },
    { label: 'Calendar', href: '/admin/calendar', icon: 'clock' },
    { label: 'Subscriptions', href: '/admin/subscriptions', icon: 'star' },
    { label: 'Posts', href: '/admin/posts', icon: 'pencil' },
    { label: 'Comments', href: '/admin/comments', icon: 'chat', count: waiting.comments },
    { label: 'Numbers', href: '/admin/numbers', icon: 'chart' },
    { label: 'Payments', href: '/admin/payments', icon: 'card' },
    isRehearsal
      ? { label: 'Mailbox', href: '/mailbox', icon: 'mail' }
      : { label: 'Mail', href: '/admin/mail', icon: 'mail' },
    {
      label: 'Settings',
      href: '/admin/settings',
      icon: 'settings',
      also: ['/admin/health', '/admin/setup'],
    },
  ]
}
