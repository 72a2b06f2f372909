import { expect, test } from 'vitest'
import { overrideRuns } from './override-runs.ts'

const span = { fromMinute: 540, toMinute: 720 }

test('dates that follow each other with the same hours and label are one run', () => {
  const closed = (date: string, label?: string) => ({ date, label, spans: [] })
  expect(
    overrideRuns([
      closed('2026-12-24', 'Winter'),
      closed('2026-12-25', 'Winter'),
      closed('2026-12-26'),
      closed('2026-12-31', 'Winter'),
      closed('2027-01-01', 'Winter'),
      { date: '2027-01-02', label: 'Winter', spans: [span] },
      { date: '2027-01-03', label: 'Winter', spans: [{ ...span, toMinute: 700 }] },
    ]).map(({ from, to }) => `${from} ${to}`),
  ).toEqual([
    '2026-12-24 2026-12-25',
    '2026-12-26 2026-12-26',
    '2026-12-31 2027-01-01',
    '2027-01-02 2027-01-02',
    '2027-01-03 2027-01-03',
  ])
  expect(overrideRuns([])).toEqual([])
})
