import { expect, test } from '@playwright/test'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { build, type Rollup } from 'vite'
import type { SlotCase } from '#modules/booking/slot-cases.ts'

const root = path.resolve(import.meta.dirname, '..')

test('all slot cases come out the same in the browser [booking 8]', async ({ page }) => {
  const { cases } = JSON.parse(readFileSync(path.join(root, 'test/cases/slots.json'), 'utf8')) as {
    cases: SlotCase[]
  }
  await page.goto('about:blank')
  await page.addScriptTag({ content: await bundled('src/modules/booking/slot-cases.ts') })
  const wrong = await page.evaluate((all) => {
    const { slotsOfCase } = (
      globalThis as unknown as { bundle: { slotsOfCase: (one: SlotCase) => string[] } }
    ).bundle
    return all
      .filter((one) => slotsOfCase(one).join() !== one.expected_slots_utc.join())
      .map(({ id }) => id)
  }, cases)
  expect(wrong).toEqual([])
  expect(cases.length).toBeGreaterThan(80)
})

/** A module and all it needs, as one script that puts what it exports into `bundle`. */
async function bundled(entry: string): Promise<string> {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      lib: { entry: path.join(root, entry), formats: ['iife'], name: 'bundle' },
    },
  })
  const [first] = [built].flat() as Rollup.RollupOutput[]
  return first?.output[0].code ?? ''
}
