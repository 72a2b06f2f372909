import type { Page } from '@playwright/test'
import { says } from './visits.ts'

/** The owner makes a plan of so many months. price: as typed, digits only. */
export async function makePlan(
  owner: Page,
  plan: { title: string; price: string; count: string; trial: string },
) {
  await owner.goto('/admin/subscriptions?plan=new')
  await owner.waitForLoadState('networkidle')
  await owner.getByLabel('Price').pressSequentially(plan.price)
  await owner.getByLabel('Number of periods').fill(plan.count)
  await owner.getByLabel('Name').fill(plan.title)
  await owner.getByLabel('Trial').fill(plan.trial)
  await owner.getByRole('button', { name: 'See what will be made' }).click()
  await owner.getByRole('button', { name: 'Make the plan' }).click()
  await says(owner, 'The plan is made. People can subscribe to it.')
}
