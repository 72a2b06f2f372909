export { exportOf } from './export.ts'
export { forgetLastMails, leave, lookAtLeaving, type LeaveResult } from './leave.ts'
export { personOf } from './person.ts'
