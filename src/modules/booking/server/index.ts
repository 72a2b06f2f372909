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
