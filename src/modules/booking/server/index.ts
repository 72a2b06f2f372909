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
export {
  calendarFileOf,
  calendarKey,
  calendarOf,
  dropCalendar,
  makeCalendar,
  mayFetchCalendar,
} from './feeds.ts'
export { remindOfAppointments, reminderByMail } from './reminders.ts'
