export {
  editPlan,
  makePlan,
  planById,
  plans,
  shownPlan,
  switchPlan,
  type EditPlanResult,
  type MakePlanResult,
} from './plans.ts'
