import { readdirSync } from 'node:fs'
import process from 'node:process'
import { ceilingOf } from './ceiling.ts'
import type { Figure } from './figure.ts'
import { routesOf, startFullShop } from './full-shop.ts'
import { OpenLoad, summary } from './open-load.ts'
import { median } from './percentile.ts'
import { memoryMb } from './processes.ts'

/** A quarter of the ceiling for so many minutes: memory, open files and latency must not creep. */
export async function measureSoak(minutes: number): Promise<Figure[]> {
  const shop = await startFullShop()
  try {
    const { rendered } = await routesOf(shop)
    const task = { port: shop.port, connections: 64, request: () => rendered.request }
    const ceiling = await ceilingOf(task, { seconds: 4 })
    const facts = () => {
      const { server } = shop.processes()
      return { mb: memoryMb([server]), files: readdirSync(`/proc/${server}/fd`).length }
    }
    const p99: number[] = []
    let refused = 0
    let settled = facts()
    const load = new OpenLoad(task)
    for (let minute = 1; minute <= minutes; minute++) {
      load.visits.length = 0
      await load.run(0.25 * ceiling, 60)
      const { p99: ofMinute, failed, shed } = summary(load.visits, 60)
      p99.push(ofMinute)
      refused += failed + shed
      process.stdout.write(
        `minute ${minute}: p99 ${ofMinute.toFixed(1)} ms, ${failed} failed, ${shed} told to come again, ${facts().mb.toFixed(0)} MB\n`,
      )
      if (minute === Math.min(10, Math.ceil(minutes / 2))) settled = facts()
    }
    load.close()
    const last = facts()
    const note = `${minutes} minutes at ${Math.round(0.25 * ceiling)} a second`
    return [
      {
        name: 'soak: memory at the end to minute 10',
        value: last.mb / settled.mb,
        unit: 'times',
        goal: { atMost: 1.1 },
        note: `${last.mb.toFixed(0)} MB; ${note}`,
      },
      {
        name: 'soak: open files more than at minute 10',
        value: last.files - settled.files,
        unit: '',
        goal: { atMost: 5 },
        note: `${last.files}`,
      },
      {
        name: 'soak: p99 of the last ten minutes to the first ten',
        value: median(p99.slice(-10)) / median(p99.slice(0, 10)),
        unit: 'times',
        goal: { atMost: 1.2 },
        note: `medians; the longest minute ${Math.max(...p99).toFixed(1)} ms`,
      },
      {
        name: 'soak: pages that failed or were told to come again',
        value: refused,
        unit: '',
        goal: { atMost: 0 },
      },
    ]
  } finally {
    await shop.stop()
  }
}
