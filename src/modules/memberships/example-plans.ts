/** The plans of the example shop: the same, paid by the month or by the quarter. */
export const examplePlans = [
  {
    title: 'Monthly reader',
    description: 'Every post in whole, on the day it appears.',
    tier: 1,
    trialDays: 7,
    price: '5',
    interval: { unit: 'month', count: 1 },
  },
  {
    title: 'Quarterly reader',
    description: 'Every post in whole, for a little less than by the month.',
    tier: 1,
    trialDays: 7,
    price: '13',
    interval: { unit: 'month', count: 3 },
  },
] as const
