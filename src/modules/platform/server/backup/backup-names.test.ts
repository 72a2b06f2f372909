import { expect, test } from 'vitest'
import { backupName, backupsToDrop, backupTime, isDraft } from './backup-names.ts'

const at = (text: string) => new Date(`${text}:00Z`)

test('the name of a backup tells when it was begun', () => {
  expect(backupName(at('2026-03-04T05:06'))).toBe('sundry-20260304-050600.tar.gz')
  expect(backupTime('sundry-20260304-050600.tar.gz')).toEqual(at('2026-03-04T05:06'))
  expect(backupTime('my-own-copy.tar.gz')).toBeUndefined()
  expect(isDraft('sundry-20260304-050600.tar.gz.part')).toBe(true)
  expect(isDraft('somebody-elses.part')).toBe(false)
})

test('backups of the last hours stay, and the last one of each of the last days', () => {
  const now = at('2026-03-10T12:30')
  const hourly = Array.from({ length: 24 * 9 }, (_, hour) =>
    backupName(new Date(now.getTime() - hour * 3_600_000)),
  )
  const dropped = new Set(backupsToDrop(hourly, now, { hours: 24, days: 7 }))
  const kept = hourly.filter((name) => !dropped.has(name)).toSorted()
  expect(kept.filter((name) => name < 'sundry-20260309-1230')).toEqual(
    ['03', '04', '05', '06', '07', '08'].map((day) => `sundry-202603${day}-233000.tar.gz`),
  )
  expect(kept.filter((name) => name >= 'sundry-20260309-1230')).toHaveLength(25)
})

test('the newest two stay however old they are, and what the shop did not write is never dropped', () => {
  const names = [
    'sundry-20200101-000000.tar.gz',
    'sundry-20200102-000000.tar.gz',
    'sundry-20200103-000000.tar.gz',
    'notes.txt',
  ]
  expect(backupsToDrop(names, at('2026-03-10T12:30'), { hours: 24, days: 7 })).toEqual([
    'sundry-20200101-000000.tar.gz',
  ])
})
