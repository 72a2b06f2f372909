/** What may be shown of a setting that can be entered. */
export interface SettingState {
  /** A variable of this name is in the environment: the page can only show that. */
  readonly isFixed: boolean
  /** Last four signs of a key, or the server's name; undefined: nothing was entered. */
  readonly hint: string | undefined
  /** It was entered, but cannot be opened any more: SUNDRY_SECRET is another. */
  readonly isUnreadable: boolean
}

export interface KeyState extends SettingState {
  readonly mode: 'test' | 'live'
  readonly account: string
  /** A secret of the webhook is there for this account and mode. */
  readonly hasWebhook: boolean
}

/** How the shop is connected to Stripe, without any secret. */
export interface KeysOverview {
  /** What the shop sells by right now. */
  readonly mode: 'rehearsal' | 'test' | 'live'
  readonly inForce: KeyState | undefined
  /** Entered and not in force: going live takes it. */
  readonly waiting: KeyState | undefined
  readonly isKeyFixed: boolean
  readonly isWebhookFixed: boolean
  readonly checkedAt: Date | undefined
}

export const wizardSteps = ['shop', 'product', 'payments', 'mail'] as const
export type WizardStep = (typeof wizardSteps)[number]

export interface SetupState {
  readonly usesKeys: boolean
  readonly wentLiveAt: Date | undefined
  readonly done: readonly string[]
  readonly skipped: readonly string[]
  readonly checklistClosedAt: Date | undefined
  readonly keysCheckedAt: Date | undefined
  readonly mailTestedAt: Date | undefined
  readonly mailTestedTo: string | undefined
}

/** What going live would sweep away, counted. */
export interface RehearsalCounts {
  readonly orders: number
  readonly customers: number
  readonly members: number
  readonly entitlements: number
  readonly mails: number
  readonly couponUses: number
  readonly downloads: number
  /** The clock of the rehearsal was moved. */
  readonly isClockMoved: boolean
}
