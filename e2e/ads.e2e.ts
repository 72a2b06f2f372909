import type { Page } from '@playwright/test'
import { expect, test } from './shop.ts'
import { says } from './visits.ts'

// Other files know the shop without ads.
const google = 'https://pagead2.googlesyndication.com'
// An option that is a list is given as one with its scope: Playwright would take the list itself for that.
test.use({ ownShop: 'ads', mayAsk: [[google], { scope: 'test' }] })

const client = 'ca-pub-1234567890123456'
const unit = '9876543210'

/** Stands in for Google: fills the first place, asks for more room than there is, and loads one more script as the real one does. */
const adScript = `
  window.__adsAsked = (window.__adsAsked ?? 0) + 1
  const more = document.createElement('script')
  more.src = '${google}/more.js'
  document.head.append(more)
  const fill = () => {
    const place = document.querySelector('ins.adsbygoogle:not([data-ad-status])')
    if (!place) return
    place.dataset.adStatus = 'filled'
    place.style.height = '600px'
    place.parentElement.style.height = 'auto'
    place.innerHTML = '<iframe title="ad" width="300" height="250" srcdoc="<p>Buy a boat</p>"></iframe>'
  }
  const line = window.adsbygoogle ?? []
  window.adsbygoogle = { push: fill }
  for (const one of line) fill(one)
`

async function withGoogle(page: Page): Promise<{ asked: string[] }> {
  const asked: string[] = []
  await page.context().route(`${google}/**`, async (route) => {
    asked.push(route.request().url())
    await route.fulfill({
      contentType: 'text/javascript',
      headers: { 'access-control-allow-origin': '*' },
      body: route.request().url().includes('more.js') ? 'window.__more = true' : adScript,
    })
  })
  return { asked }
}

const place = (page: Page) => page.getByRole('complementary', { name: 'Advertisement' })

test('the owner gives two places an ad: visitors are asked first, nothing moves, no other page changes', async ({
  owner,
  stranger,
  shop,
}) => {
  const before = await fetch(`${shop.origin}/ads.txt`)
  expect(before.status).toBe(404)

  await owner.goto('/admin/settings/ads')
  await owner.getByLabel('AdSense id').fill('1234')
  await owner.getByLabel('Products').fill('top banner')
  await owner.getByRole('button', { name: 'Save' }).click()
  await says(owner, 'An AdSense id is written as ca-pub- and sixteen digits.')
  await says(owner, 'An ad unit has ten digits.')
  await owner
    .getByLabel('AdSense id')
    .fill(`<script src="https://x.example/adsbygoogle.js?client=${client}"></script>`)
  await owner.getByLabel('Products').fill(`<ins data-ad-client="${client}" data-ad-slot="${unit}">`)
  await owner.getByLabel('Front page').fill('1122334455')
  await owner.getByRole('button', { name: 'Save' }).click()
  await says(owner, 'Ads stand in 2 places from now on')
  await expect(owner.getByLabel('AdSense id')).toHaveValue(client)
  await expect(owner.getByLabel('Products')).toHaveValue(unit)
  expect(await (await fetch(`${shop.origin}/ads.txt`)).text()).toBe(
    'google.com, pub-1234567890123456, DIRECT, f08c47fec0942fa0\n',
  )

  const visitor = await stranger()
  const answers = await withGoogle(visitor)
  await visitor.goto('/p/tidemarks')
  await place(visitor).scrollIntoViewIfNeeded()
  await expect(place(visitor).getByRole('button', { name: 'Show ads' })).toBeVisible()
  expect(answers.asked).toEqual([])
  const room = place(visitor).locator('.room')
  const height = await visitor.evaluate(() => document.body.scrollHeight)
  await place(visitor).getByRole('button', { name: 'Show ads' }).click()
  await expect(place(visitor).frameLocator('iframe').getByText('Buy a boat')).toBeVisible()
  await expect.poll(() => visitor.evaluate(() => '__more' in window)).toBe(true)
  expect(answers.asked[0]).toBe(`${google}/pagead/js/adsbygoogle.js?client=${client}`)
  expect((await room.boundingBox())?.height).toBe(280)
  expect(await visitor.evaluate(() => document.body.scrollHeight)).toBe(height)

  // Asked once: the next page shows it at once; taken back, no page does.
  await visitor.goto('/')
  await place(visitor).scrollIntoViewIfNeeded()
  await expect(place(visitor).frameLocator('iframe').getByText('Buy a boat')).toBeAttached()
  await place(visitor).getByRole('button', { name: 'No more ads' }).click()
  await expect(place(visitor).getByRole('button', { name: 'Show ads' })).toBeVisible()
  const asked = answers.asked.length
  await visitor.goto('/p/tidemarks')
  await expect(place(visitor).getByRole('button', { name: 'Show ads' })).toBeVisible()
  expect(answers.asked).toHaveLength(asked)

  // The owner sees where, and nothing of Google's; pages without a place let no foreign script run.
  await owner.goto('/p/tidemarks')
  await expect(place(owner)).toContainText('An ad stands here for visitors who do not subscribe')
  for (const path of ['/search?q=tide', '/sign-in', '/cart', '/p/no-such-thing', '/?page=99']) {
    const policy = (await fetch(`${shop.origin}${path}`)).headers.get('content-security-policy')
    expect(policy).not.toMatch(/strict-dynamic|https:/)
  }
  const ownPolicy = (await owner.goto('/p/tidemarks'))?.headers()['content-security-policy']
  expect(ownPolicy).not.toMatch(/strict-dynamic|https:/)

  // Taken away, the pages are as they were.
  await owner.goto('/admin/settings/ads')
  await owner.getByLabel('AdSense id').fill('')
  await owner.getByRole('button', { name: 'Save' }).click()
  await says(owner, 'There are no ads in the shop.')
  await visitor.goto('/p/tidemarks')
  await expect(place(visitor)).toHaveCount(0)
  expect((await fetch(`${shop.origin}/ads.txt`)).status).toBe(404)
})

test('where the shop does not ask, Google is loaded when the place comes near; without script no place is seen', async ({
  owner,
  stranger,
}) => {
  await owner.goto('/admin/settings/ads')
  await owner.getByLabel('AdSense id').fill(client)
  await owner.getByLabel('Products').fill(unit)
  await owner.getByRole('checkbox', { name: 'Ask each visitor first' }).uncheck()
  await owner.getByRole('button', { name: 'Save' }).click()
  await says(owner, 'Ads stand in')
  const visitor = await stranger({ viewport: { width: 375, height: 667 } })
  const answers = await withGoogle(visitor)
  await visitor.goto('/p/tidemarks')
  await expect(visitor.getByRole('heading', { level: 1 })).toBeVisible()
  expect(answers.asked).toEqual([])
  await place(visitor).scrollIntoViewIfNeeded()
  await expect(place(visitor).frameLocator('iframe').getByText('Buy a boat')).toBeVisible()
  await expect(place(visitor).getByRole('button')).toHaveCount(0)

  const plain = await stranger({ javaScriptEnabled: false })
  await plain.goto('/p/tidemarks')
  await expect(place(plain)).toBeHidden()
})
