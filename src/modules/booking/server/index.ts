export {
  book,
  bookForCustomer,
  cancelAppointment,
  markAttendance,
  moveAppointment,
  offeredTimes,
  whyNotOffered,
  type BookingActor,
  type BookingWish,
  type BookResult,
  type CancelResult,
  type MoveResult,
} from './appointments.ts'
export {
  hoursAround,
  overrideDates,
  overridesBetween,
  restoreDates,
  setWeeklyHours,
  shownWeekly,
  weeklyHours,
  type OverrideResult,
} from './hours.ts'
export { serviceKind } from './product-kind.ts'
export { serviceOf, setService } from './services.ts'
export {
  answersBefore,
  appointmentOfMember,
  bookSession,
  completeAppointments,
  sessionsOf,
  type SessionWish,
} from './sessions.ts'
export { monthOfTimes } from './months.ts'
export { appointmentsOfMember, hasBooking, weekOfOwner, type AppointmentList } from './mine.ts'
export {
  calendarFileOf,
  calendarKey,
  calendarOf,
  dropCalendar,
  makeCalendar,
  mayFetchCalendar,
} from './feeds.ts'
export { remindOfAppointments, reminderByMail } from './reminders.ts'
