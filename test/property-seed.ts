import fc from 'fast-check'

// The gate draws the same values each time: a rare counterexample belongs to whoever looks for one, not to whoever
// happens to run next. To look: PROPERTY_SEED=random (or a number that was printed) npx vitest run --project rules.
const asked = process.env.PROPERTY_SEED
fc.configureGlobal(asked === 'random' ? {} : { seed: Number(asked ?? 20_261_121) })
