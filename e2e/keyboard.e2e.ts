import type { Page } from '@playwright/test'
import { expect, test } from './shop.ts'
import { isDelivered } from './visits.ts'

/** Presses Tab until the focus is where it shall be; each stop on the way must be visible and marked. */
async function tabTo(page: Page, name: RegExp, mostStops = 60): Promise<void> {
  const passed: string[] = []
  for (let stop = 0; stop < mostStops; stop++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const element = document.activeElement
      if (!(element instanceof HTMLElement) || element === document.body) return undefined
      const box = element.getBoundingClientRect()
      // Fields wear their mark on the box around them, links that stand for a card on the card.
      let marked = false
      for (
        let one: Element | null = element;
        one && one !== document.body;
        one = one.parentElement
      ) {
        const style = getComputedStyle(one)
        marked ||= style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2
      }
      const label =
        element instanceof HTMLInputElement || element instanceof HTMLSelectElement
          ? (element.labels?.[0]?.textContent ?? element.ariaLabel ?? '')
          : (element.ariaLabel ?? element.textContent ?? '')
      return {
        name: label.trim().replace(/\s+/g, ' '),
        marked,
        visible: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < window.innerHeight,
      }
    })
    if (!focused) continue
    passed.push(focused.name)
    expect(focused.marked, `the focus is seen on "${focused.name}"`).toBe(true)
    expect(focused.visible, `"${focused.name}" is in view when it has the focus`).toBe(true)
    if (name.test(focused.name)) return
  }
  throw new Error(`The focus never came to ${name}; it passed ${passed.join(' | ')}`)
}

for (const width of [375, 1280]) {
  test(`a purchase with the keyboard alone, ${width} px wide`, async ({ stranger }) => {
    const page = await stranger({ viewport: { width, height: 800 } })
    await page.goto('/')
    await page.keyboard.press('Tab')
    const skip = page.getByRole('link', { name: 'To the content' })
    await expect(skip).toBeFocused()
    await expect(skip).toBeInViewport()
    await page.keyboard.press('Enter')
    await tabTo(page, /^Tidemarks$/)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/p/tidemarks')
    await tabTo(page, /^Buy for/)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/sandbox/c/pay/**')
    await tabTo(page, /^Email$/)
    await page.keyboard.type(`keys-${width}@example.com`)
    await tabTo(page, /^Card number$/)
    await page.keyboard.type('4242424242424242')
    await tabTo(page, /^Expiry$/)
    await page.keyboard.type('12 / 40')
    await tabTo(page, /^Security code$/)
    await page.keyboard.type('123')
    await tabTo(page, /^Name on card/)
    await page.keyboard.type('Ada Winter')
    await page.keyboard.press('Enter')
    await isDelivered(page, 'Tidemarks')
    await tabTo(page, /^Download/)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.keyboard.press('Enter'),
    ])
    expect(await download.failure()).toBeNull()
  })
}

test('a dialog keeps the focus, closes with Escape and gives the focus back', async ({ owner }) => {
  await owner.goto('/admin/products')
  await owner.getByRole('link', { name: /^Tidemarks/ }).click()
  const open = owner.getByRole('button', { name: 'Archive' })
  await open.focus()
  await owner.keyboard.press('Enter')
  const dialog = owner.getByRole('dialog')
  // Opened before the script has come it is a popover first, which keeps no focus.
  await expect.poll(() => dialog.evaluate((one) => one.matches(':modal'))).toBe(true)
  for (let stop = 0; stop < 8; stop++) {
    await owner.keyboard.press('Tab')
    const inside = await owner.evaluate(
      () =>
        document.activeElement === document.body ||
        document.activeElement?.closest('dialog') !== null,
    )
    expect(inside).toBe(true)
  }
  await owner.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(open).toBeFocused()
})
