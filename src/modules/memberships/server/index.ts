export {
  askAgain,
  editPlan,
  makePlan,
  planById,
  plans,
  shownPlan,
  switchPlan,
  type EditPlanResult,
  type MakePlanResult,
} from './plans.ts'
export { listedPlan, plansPage, type ListedPlan } from './plan-list.ts'
export {
  assignSubscription,
  differingPage,
  liveCounts,
  unheldPage,
  type AssignResult,
  type DifferingSubscription,
} from './beside-stripe.ts'
export { membershipMirror } from './membership-mirror.ts'
export { endEverythingOf, liveSubscriptionsOf } from './leaving.ts'
export { sendPlanNow, sweepPlans } from './send-plan.ts'
export {
  subscribe,
  sweepSubscribing,
  type SubscribeRefusal,
  type SubscribeResult,
  type WishedCode,
} from './subscribing.ts'
export { codeOffers, type CodeOffer } from './plan-codes.ts'
export {
  changePlan,
  changesOf,
  keepPlan,
  lookAtChange,
  type ChangeProblem,
  type ChangeResult,
} from './changing.ts'
export { cancelMine, endNow, resumeMine, type EndingResult } from './ending.ts'
export {
  endGivenOf,
  givenToCustomers,
  givenToMember,
  givePlan,
  sweepGiven,
  takePlanBack,
  type GivenPlan,
} from './given.ts'
export { membershipRules, mostGraceDays, setMembershipRules, sweepGrace } from './grace.ts'
export { mayOwe } from './store.grace.ts'
export { owedBy, payWhatIsOwed, type Owed, type RetryResult } from './owing.ts'
export {
  cardPageOf,
  hasMembership,
  lookAtMine,
  lookAtSubscribing,
  membershipHistory,
  membershipsOf,
  plansOnOffer,
} from './mine.ts'
export { sweepCards } from './card-tries.ts'
export { layOutExamplePlans, removeExamplePlans } from './example-shop.ts'
export type { HeldInvoice } from './store.mine.ts'
export {
  keepAccess,
  refundableInvoice,
  refundInvoice,
  sweepMembershipMoney,
  type RefundProblem,
  type RefundableInvoice,
} from './refunding.ts'
export { keepWayBack, wayBack } from './way-back.ts'
export { mailboxMark } from './mailbox-mark.ts'
export { goOn, pauseNow, startsTodayAgain } from './pausing.ts'
export {
  callMoveOff,
  moveById,
  movePersons,
  movesOfPlan,
  previewMove,
  retryMove,
  startMove,
  sweepMoves,
  tellMoves,
  type PersonFilter,
  type StartMoveResult,
} from './price-moves.ts'
export {
  captureToken,
  commitmentsOf,
  commitmentsToRelease,
  holdTokens,
  moveTokenHold,
  releaseToken,
  tokenBalance,
  tokenEntries,
  type HoldResult,
  type MoveTokenResult,
  type ReleaseResult,
  type TokenBalance,
  type TokenEntries,
} from './tokens.ts'
export {
  giveTokens,
  grantPack,
  revokePacks,
  sweepTokens,
  waiveTokenDebt,
  type GiveTokensResult,
} from './token-lots.ts'
