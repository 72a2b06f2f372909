import type { OwnerActor } from '#modules/accounts/types.ts'
import { parseAmount } from '#modules/platform/money.ts'
import { audit, type Tx } from '#modules/platform/server/index.ts'
import { examplePlans } from '../example-plans.ts'
import { defaultGroup } from '../plan-form.ts'
import { switchPlan } from './plans.ts'
import { deleteUnusedExamplePlans, insertPlan } from './store.plans.ts'

/** Lays out the example plans, flagged; the next round brings them to Stripe. */
export async function layOutExamplePlans(tx: Tx, currency: string): Promise<void> {
  for (const { price, interval, ...words } of examplePlans) {
    const amount = parseAmount(price, currency)
    if (!amount.ok) throw new Error(`The price of ${words.title} was refused: ${amount.reason}`)
    await insertPlan(
      tx,
      { ...words, tokenAllotment: 0 },
      { group: defaultGroup, amountMinor: amount.minor, currency, interval },
      { isExample: true },
    )
  }
}

/** Clears the example plans away: deleted, or disabled where somebody has or had one, or something of the owner's is for it. */
export async function removeExamplePlans(tx: Tx, owner: OwnerActor): Promise<void> {
  const { deleted, used } = await deleteUnusedExamplePlans(tx)
  for (const planId of used) await switchPlan(tx, owner, planId, false)
  if (deleted === 0) return
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'plan.examples_removed',
    subject: { kind: 'shop', id: 'shop' },
    detail: { plans: deleted },
  })
}
