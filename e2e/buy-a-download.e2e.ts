import { expect, test } from './shop.ts'
import { payOnSandbox } from './hosted-page.ts'
import { says, signInByCode } from './visits.ts'

test('a stranger buys, leaves, comes back by code; the owner refunds and the file says why it no longer opens [commerce 1, 22]', async ({
  stranger,
  owner,
  mailbox,
}) => {
  const buyer = await stranger()
  await buyer.goto('/')
  await buyer.getByRole('link', { name: 'Tidemarks' }).first().click()
  await buyer
    .getByRole('button', { name: /^Buy for €9/ })
    .first()
    .click()
  await payOnSandbox(buyer, { email: 'ada@example.com' })

  await buyer.waitForURL('**/checkout/*')
  await expect(buyer.getByRole('heading', { level: 1 })).toHaveText('Thank you. It is yours.')
  const link = buyer.getByRole('link', { name: /download/i }).first()
  const [download] = await Promise.all([buyer.waitForEvent('download'), link.click()])
  expect(await download.failure()).toBeNull()
  const orderNumber = /Order (\d+)/.exec((await buyer.locator('main').textContent()) ?? '')?.[1]
  await buyer.context().close()

  const receipt = await mailbox.mail('ada@example.com', /receipt|order|yours/i)
  console.log(receipt)
  const back = await stranger()
  await back.goto(receipt.links[0] ?? '')
  await says(back, 'Tidemarks')
  await signInByCode(back, mailbox, 'ada@example.com')
  await expect(back.getByRole('heading', { name: 'Tidemarks' })).toBeVisible()
  console.log(orderNumber, owner.url())
})
