import {
  calendarFile,
  calendarUid,
  type CalendarEntry,
} from '../src/modules/booking/calendar-file.ts'

// One appointment as it is booked, moved and cancelled, with everything in its words that calendar files trip over.

export const sampleTitle = `Review, "live"; 50 % \\ naïve · 確認 👩🏽‍💻 ${'long '.repeat(30)}`.trim()
export const samplePlace = 'https://meet.example/room?a=1,2;b=ü'

const booked: CalendarEntry = {
  uid: calendarUid('018f4a2e-0000-7000-8000-000000000001', 'shop.example'),
  version: 1,
  title: sampleTitle,
  startsAt: new Date('2031-03-30T00:30:00Z'),
  endsAt: new Date('2031-03-30T01:30:00Z'),
  place: samplePlace,
  words: 'First line,\nsecond; C:\\path',
  url: 'https://shop.example/dashboard/appointments',
  isCancelled: false,
  changedAt: new Date('2031-03-01T08:00:00Z'),
}

const moved: CalendarEntry = {
  ...booked,
  version: 2,
  startsAt: new Date('2031-04-01T14:00:00Z'),
  endsAt: new Date('2031-04-01T15:00:00Z'),
  changedAt: new Date('2031-03-02T08:00:00Z'),
}

const cancelled: CalendarEntry = {
  ...moved,
  version: 3,
  isCancelled: true,
  changedAt: new Date('2031-03-03T08:00:00Z'),
}

/** What must be read out of each file. */
export const samples = [booked, moved, cancelled].map((entry) => ({
  entry,
  method: entry.isCancelled ? 'CANCEL' : 'REQUEST',
  status: entry.isCancelled ? 'CANCELLED' : 'CONFIRMED',
  sequence: entry.version - 1,
  organizer: 'no-reply@shop.example',
  attendee: 'ada@example.com',
  file: calendarFile(
    entry,
    { name: 'Paper & "Pine", Ltd; ü', email: 'no-reply@shop.example' },
    { name: 'Ada Lovelace', email: 'ada@example.com' },
  ),
}))
