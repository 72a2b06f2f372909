/** Times of day of one date, in minutes after its midnight: to up to 1440, and to < from runs into the next date. */
export interface Span {
  readonly fromMinute: number
  readonly toMinute: number
}

/** 1 = Monday. */
export interface WeeklySpan extends Span {
  readonly weekday: number
}

/** When the owner works, in wall times of a zone. */
export interface Hours {
  /** IANA name. */
  readonly zone: string
  readonly weekly: readonly WeeklySpan[]
  /** By date ("2026-11-24"): these spans instead of the weekly ones; none = closed. */
  readonly overrides: ReadonlyMap<string, readonly Span[]>
}

/** Time that is taken, half open, in milliseconds: appointments with their buffers, holds, what other calendars say. */
export interface Busy {
  readonly from: number
  readonly until: number
  /** It is an appointment of this service, which counts among the most of a day and week by where it begins. */
  readonly countsFrom?: number
}

/** What a service asks of a time, in minutes. */
export interface SlotTerms {
  readonly duration: number
  /** From one offered time to the next. */
  readonly increment: number
  readonly bufferBefore: number
  readonly bufferAfter: number
  /** How long before it begins it must be booked. */
  readonly notice: number
  /** Calendar days of the owner's zone; 0 = today only. */
  readonly windowDays: number | undefined
  readonly mostADay: number | undefined
  readonly mostAWeek: number | undefined
}

/** All that decides which times are offered. */
export interface SlotRules {
  readonly hours: Hours
  readonly busy: readonly Busy[]
  /** Where occasions of this service begin that have a free seat: offered although they are taken, on the grid or not. */
  readonly joinable?: ReadonlySet<number>
  readonly terms: SlotTerms
  /** The clock, in milliseconds. */
  readonly now: number
}

/** Calendar dates of whoever looks, both included. */
export interface AskedDates {
  readonly from: string
  readonly to: string
  /** IANA name. */
  readonly zone: string
}

/** A date that has hours of its own; none = closed. */
export interface DateOverride {
  /** "2026-11-24", in the shop's zone. */
  readonly date: string
  /** What it is for, for the owner alone. */
  readonly label: string | undefined
  readonly spans: readonly Span[]
}

/** How and where an appointment takes place. */
export type PlaceKind = 'link' | 'address' | 'phone' | 'later'

/** What is asked of times, people and changes by one service. Minutes throughout; undefined = without a limit. */
export interface ServiceTerms extends SlotTerms {
  readonly seats: number
  readonly placeKind: PlaceKind
  /** An address, a link, a number; '' = told later. */
  readonly place: string
  /** Until so long before it begins a customer cancels without losing anything, and moves. */
  readonly cancelCutoff: number | undefined
  readonly moveCutoff: number | undefined
  readonly mostMoves: number | undefined
}

export interface Service {
  readonly productId: string
  readonly title: string
  readonly terms: ServiceTerms
}

export type AppointmentState = 'confirmed' | 'completed' | 'no_show' | 'cancelled'

export interface Appointment {
  readonly id: string
  readonly occasionId: string
  readonly productId: string
  readonly customerId: string
  readonly title: string
  readonly state: AppointmentState
  readonly startsAt: Date
  readonly endsAt: Date
  /** As the customer agreed to it: "2026-11-24T09:30" by the clocks of zone. */
  readonly localStart: string
  readonly zone: string
  readonly placeKind: PlaceKind
  readonly place: string
  readonly cancelCutoff: number | undefined
  readonly moveCutoff: number | undefined
  readonly mostMoves: number | undefined
  readonly moves: number
  readonly version: number
  /** The sessions it was booked with; undefined = the owner made it. */
  readonly rightId: string | undefined
  readonly cancelledBy: 'customer' | 'owner' | 'system' | undefined
  readonly cancelReason: string | undefined
  /** Cancelled, and its session can be booked again. */
  readonly isSessionReturned: boolean
}

/** What somebody may book of a service, from all they bought of it or were given. */
export interface Sessions {
  readonly granted: number
  /** Booked or taken place. */
  readonly used: number
  /** The appointment that stands; until it is over or cancelled there is no other one. */
  readonly active: Appointment | undefined
}
