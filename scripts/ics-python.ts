// Has Python's icalendar read our calendar files of an appointment that is booked, moved and cancelled: `npm run ics-python`. No part of `npm test`,
// for it needs Python 3. Uses the icalendar that is installed; otherwise it installs one into a folder of its own and removes it again.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { samples } from '../test/calendar-samples.ts'

const reader = `
import json, sys
from datetime import timezone
import icalendar
out = []
for text in json.load(sys.stdin):
    calendar = icalendar.Calendar.from_ical(text.encode())
    events = [part for part in calendar.walk() if part.name == 'VEVENT']
    assert len(events) == 1, 'one event'
    event = events[0]
    at = lambda name: event[name].dt.astimezone(timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.000Z')
    out.append(dict(uid=str(event['UID']), sequence=int(event['SEQUENCE']), method=str(calendar['METHOD']), status=str(event['STATUS']),
        title=str(event['SUMMARY']), place=str(event['LOCATION']), words=str(event['DESCRIPTION']), startsAt=at('DTSTART'), endsAt=at('DTEND'),
        organizer=str(event['ORGANIZER']).lower(), attendee=str(event['ATTENDEE']).lower()))
print(json.dumps(dict(version=icalendar.__version__, read=out)))
`

interface Answer {
  readonly version: string
  readonly read: readonly Readonly<Record<string, string | number>>[]
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-icalendar-'))
try {
  const python = pythonThatReads()
  const { version, read } = JSON.parse(
    run(python, ['-c', reader], JSON.stringify(samples.map(({ file }) => file))),
  ) as Answer
  const wanted = samples.map(({ entry, method, status, sequence, organizer, attendee }) => ({
    uid: entry.uid,
    sequence,
    method,
    status,
    title: entry.title,
    place: entry.place,
    words: entry.words,
    startsAt: entry.startsAt.toISOString(),
    endsAt: entry.endsAt.toISOString(),
    organizer: `mailto:${organizer}`,
    attendee: `mailto:${attendee}`,
  }))
  const wrong = wanted.flatMap((one, index) =>
    Object.entries(one)
      .filter(([name, value]) => read[index]?.[name] !== value)
      .map(
        ([name, value]) =>
          `${one.method} ${one.sequence}: ${name} is read as ${JSON.stringify(read[index]?.[name])}, not ${JSON.stringify(value)}`,
      ),
  )
  if (wrong.length > 0) stop(wrong.join('\n'))
  process.stdout.write(
    `icalendar ${version} reads all ${wanted.length} files as they were meant.\n`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** A Python that has icalendar. */
function pythonThatReads(): string {
  const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0)
  if (!python) stop('Python 3 is needed for this, and there is none. Install it and try again.')
  if (spawnSync(python, ['-c', 'import icalendar']).status === 0) return python
  process.stderr.write('Python has no icalendar; installing it for this once ...\n')
  const made = spawnSync(python, ['-m', 'venv', folder], { encoding: 'utf8' })
  if (made.status !== 0)
    stop(
      `Python could not make an environment (its venv module is needed):\n${made.stderr}${made.stdout}`,
    )
  const own = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  const installed = spawnSync(own, ['-m', 'pip', 'install', '--quiet', 'icalendar'], {
    encoding: 'utf8',
  })
  if (installed.status !== 0)
    stop(
      `Python’s package icalendar is needed and could not be installed (pip install icalendar):\n${installed.stderr.trim().split('\n').at(-1)}`,
    )
  return own
}

function run(command: string, args: readonly string[], input: string): string {
  const result = spawnSync(command, args, { input, encoding: 'utf8' })
  if (result.status !== 0) stop(`icalendar could not read them:\n${result.stderr}`)
  return result.stdout
}

function stop(words: string): never {
  process.stderr.write(`${words}\n`)
  rmSync(folder, { recursive: true, force: true })
  process.exit(1)
}
