import { expect, test } from '@playwright/test'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'vite'
import type { SlotCase } from '#modules/booking/slot-cases.ts'

/** In the page, once the script is there. */
declare const bundle: { slotsOfCase(one: SlotCase): string[] }

const root = path.resolve(import.meta.dirname, '..')

test('all slot cases come out the same in the browser [booking 8]', async ({ page }) => {
  const { cases } = JSON.parse(readFileSync(path.join(root, 'test/cases/slots.json'), 'utf8')) as {
    cases: SlotCase[]
  }
  await page.goto('about:blank')
  await page.addScriptTag({ content: await bundled('src/modules/booking/slot-cases.ts') })
  const wrong = await page.evaluate((all) => {
    return all
      .filter((one) => bundle.slotsOfCase(one).join() !== one.expected_slots_utc.join())
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
  for (const one of [built].flat()) if ('output' in one) return one.output[0].code
  throw new Error(`${entry} was built into nothing.`)
}
