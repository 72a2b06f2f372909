import type { OwnerActor } from '#modules/accounts/types.ts'
import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import { exampleSite } from '#modules/site/example-pages.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { checklist, type ChecklistItem, type SetupFacts } from '../checklist.ts'
import type { WizardStep } from '../types.ts'
import { keysOverview, mailOverview } from './entered.ts'
import * as store from './store.ts'

export interface SetupOverview {
  readonly facts: SetupFacts
  readonly items: readonly ChecklistItem[]
  readonly skipped: readonly string[]
  readonly isClosed: boolean
}

/** How far the set-up is. Reads only. */
export async function setupOverview(db: Db): Promise<SetupOverview> {
  const [site, state, keys, mail, asked] = await Promise.all([
    siteIdentity(db),
    store.setupState(db),
    keysOverview(db),
    mailOverview(db),
    store.setupQuestions(db),
  ])
  const facts: SetupFacts = {
    isNamed: site.name !== exampleSite.name || state.done.includes('shop'),
    hasOwnProduct: asked.hasOwnProduct,
    hasExamples: asked.hasExamples,
    hasTestSale: asked.hasTestSale,
    hasKeys: keys.inForce !== undefined || keys.waiting !== undefined,
    isLive: keys.mode !== 'rehearsal',
    hasMailServer: mail.server.hint !== undefined,
    isMailTested: mail.testedAt !== undefined,
    hasSecondFactor: asked.hasSecondFactor,
  }
  return {
    facts,
    items: checklist(facts),
    skipped: state.skipped,
    isClosed: state.checklistClosedAt !== undefined,
  }
}

/** Notes that a step was done, or left for later. */
export async function noteStep(tx: Tx, step: WizardStep, how: 'done' | 'skipped'): Promise<void> {
  const state = await store.lockSetup(tx)
  const without = (names: readonly string[]) => names.filter((name) => name !== step)
  await store.writeSteps(tx, {
    done: how === 'done' ? [...without(state.done), step] : without(state.done),
    skipped: how === 'skipped' ? [...without(state.skipped), step] : without(state.skipped),
  })
}

/** The owner wants to see the checklist no more. */
export async function putChecklistAway(tx: Tx, owner: OwnerActor): Promise<void> {
  await store.lockSetup(tx)
  await store.closeChecklist(tx)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'setup.checklist_closed',
    subject: { kind: 'shop', id: 'shop' },
  })
}
