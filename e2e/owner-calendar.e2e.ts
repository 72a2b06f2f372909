import { aService, givesSessions, hasAppointment } from './services.ts'
import { expect, test } from './shop.ts'
import { says, signInByCode } from './visits.ts'

test.use({ ownShop: 'with hours' })

test('hours are set with one press, changed, and shown the same again; a holiday stands until it is taken back [booking 1, 2, 3, 4]', async ({
  owner,
}) => {
  await owner.goto('/admin/calendar')
  await says(owner, 'Nobody can book you yet')
  await owner.getByRole('link', { name: 'Set your hours' }).click()
  await owner.getByRole('button', { name: 'Monday to Friday, 9:00 to 17:00' }).click()
  await says(owner, 'These are your hours from now on.')
  const from = (day: string) => owner.getByLabel(`${day}, from`)
  const to = (day: string) => owner.getByLabel(`${day}, to`)
  // Until the page's script runs, one empty line stands below the filled ones.
  await expect(from('Friday')).toHaveCount(1)
  await expect(from('Friday')).toHaveValue('09:00')
  await expect(to('Friday')).toHaveValue('17:00')
  await to('Monday').fill('12')
  await owner.getByRole('button', { name: 'Add hours to Monday' }).click()
  await from('Monday').last().fill('13')
  await to('Monday').last().fill('half six')
  await owner.getByRole('button', { name: 'Add hours to Saturday' }).click()
  await from('Saturday').fill('22')
  await to('Saturday').fill('2')
  await owner.getByRole('button', { name: 'Save your hours' }).click()
  await says(owner, 'When does it end?')
  await expect(to('Monday')).toHaveCount(2)
  await expect(to('Monday').last()).toHaveValue('half six')
  await to('Monday').last().fill('18:30')
  await owner.getByRole('button', { name: 'Monday’s hours from Tuesday to Friday' }).click()
  await expect(to('Thursday').last()).toHaveValue('18:30')
  await owner.getByRole('button', { name: 'Save your hours' }).click()
  await says(owner, 'These are your hours from now on.')
  await expect(from('Thursday')).toHaveCount(2)
  await expect(to('Saturday')).toHaveCount(1)
  await expect(to('Saturday')).toHaveValue('02:00')

  // What overlaps becomes one, and is told.
  await from('Tuesday').last().fill('11')
  await owner.getByRole('button', { name: 'Save your hours' }).click()
  await says(owner, 'overlapped or touched')
  await expect(to('Tuesday')).toHaveCount(1)
  await expect(to('Tuesday')).toHaveValue('18:30')

  await owner.getByLabel('First date').fill('2099-12-24')
  await owner.getByLabel('Last date').fill('2099-12-23')
  await owner.getByRole('button', { name: 'Add the dates' }).click()
  await says(owner, 'lies before the first one')
  const year = (await owner.getByLabel('First date').getAttribute('min'))?.slice(0, 4)
  const next = Number(year) + 1
  await owner.getByLabel('First date').fill(`${next}-12-24`)
  await owner.getByLabel('Last date').fill(`${next}-12-26`)
  await owner.getByLabel('What for').fill('Winter')
  await owner.getByRole('button', { name: 'Add the dates' }).click()
  await says(owner, 'Winter: Closed')
  await owner.getByRole('button', { name: /As every week again/ }).click()
  await says(owner, 'have the hours of their weekday again')
  await expect(owner.getByText('Winter: Closed')).toHaveCount(0)
})

test('two tabs: what the other saved meanwhile is not overwritten unseen; without script every form works as well', async ({
  owner,
  stranger,
  ownerCookies,
  shop,
}) => {
  await shop.query('delete from weekly_hours')
  await shop.query(
    'insert into weekly_hours (weekday, from_minute, to_minute) values (1, 540, 600)',
  )
  await owner.goto('/admin/calendar/hours')
  const other = await stranger({ javaScriptEnabled: false, storageState: ownerCookies })
  await other.goto('/admin/calendar/hours')
  await other.getByLabel('Wednesday, from').fill('10')
  await other.getByLabel('Wednesday, to').fill('11')
  await other.getByRole('button', { name: 'Save your hours' }).click()
  await says(other, 'These are your hours from now on.')
  // Until the page's script runs, a second, empty line stands below the filled one.
  const mondayTo = owner.getByLabel('Monday, to').first()
  await mondayTo.fill('12:00')
  await owner.getByRole('button', { name: 'Save your hours' }).click()
  await says(owner, 'Somebody saved other hours meanwhile')
  await expect(mondayTo).toHaveValue('12:00')
  await other.getByLabel('First date').fill('2099-01-05')
  await other.getByLabel('I work then, at other hours').check()
  await other.getByLabel('Hours on these dates, from').fill('9')
  await other.getByLabel('Hours on these dates, to').fill('8:60')
  await other.getByRole('button', { name: 'Add the dates' }).click()
  await says(other, 'When does it end?')
  await expect(other.getByLabel('Hours on these dates, from').first()).toHaveValue('9')
})

test('the week shows who comes', async ({ owner, stranger, mailbox, shop }) => {
  const { productId } = await aService(shop, 'Look together')
  const page = await stranger()
  await signInByCode(page, mailbox, 'comes@example.com')
  await givesSessions(shop, 'comes@example.com', productId)
  await hasAppointment(shop, 'comes@example.com', productId)
  await owner.goto('/admin/calendar')
  await owner.getByRole('link', { name: 'The week after' }).click()
  await expect(owner.getByRole('heading', { name: 'A talk' })).toBeVisible()
  await owner.getByRole('link', { name: 'comes@example.com' }).click()
  await expect(owner).toHaveURL(/\/admin\/customers\//)
})
