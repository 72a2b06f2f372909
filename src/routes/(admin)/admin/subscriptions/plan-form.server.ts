import type { PlanWords, SentPlan } from '#modules/memberships/plan-form.ts'
import { textField } from '#modules/platform/server/index.ts'

/** What was typed into the form of a plan. */
export function postedPlan(form: FormData): SentPlan {
  const text = (name: keyof SentPlan) => textField(form, name).slice(0, 5_000)
  return {
    title: text('title'),
    description: text('description'),
    price: text('price'),
    unit: text('unit'),
    count: text('count'),
    trialDays: text('trialDays'),
    tokenAllotment: text('tokenAllotment'),
    group: text('group'),
    tier: text('tier'),
  }
}

/** The form of a plan that nobody has begun yet. */
export const emptyPlan: SentPlan = {
  title: '',
  description: '',
  price: '',
  unit: 'month',
  count: '1',
  trialDays: '',
  tokenAllotment: '',
  group: '',
  tier: '',
}

/** What may be edited of a plan, as its form shows it. */
export function planFields(
  words: PlanWords,
): Pick<SentPlan, 'title' | 'description' | 'trialDays' | 'tokenAllotment' | 'tier'> {
  return {
    title: words.title,
    description: words.description,
    trialDays: String(words.trialDays),
    tokenAllotment: String(words.tokenAllotment),
    tier: String(words.tier),
  }
}
