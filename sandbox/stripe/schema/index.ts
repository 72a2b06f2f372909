/**
 * The schemas of Stripe's API as the sandbox uses them: requests checked and coerced with Stripe's
 * own error shapes, answers and events held against what the SDK's typings promise.
 */
export { checkParams, type ParamsOutcome } from './params.ts'
export type { ParamError } from './param-errors.ts'
export { checkEvent, checkResponse } from './responses.ts'
export {
  findOperation,
  matchPath,
  operations,
  type Operation,
  type PathMatch,
} from './operations.ts'
export { expandable } from './expand.ts'
export { description } from './description.ts'
