export {
  dropWaitingKey,
  dropWebhookSecret,
  enterKey,
  enterMail,
  enterWebhookSecret,
  givenSettings,
  keysOverview,
  keyToCheck,
  mailOverview,
  shownMail,
  mailToTest,
  noteKeyCheck,
  noteMailTest,
  settingsInForce,
  UnreadableKeysError,
  type EnterKeyResult,
  type EnterWebhookResult,
  type MailOverview,
} from './entered.ts'
export {
  examplesPreview,
  removeExamples,
  type ExamplesPreview,
  type RemovedExamples,
} from './examples.ts'
export { goBack, previewGoingBack, type GoBackResult } from './going-back.ts'
export {
  BusyError,
  dropRehearsalLeftovers,
  goLive,
  LiveMoneyError,
  previewGoingLive,
  type GoingLivePreview,
  type GoLiveResult,
} from './going-live.ts'
export { setupState, showModeAnew } from './store.ts'
export { runSelfTest, selfTestLines } from './self-test.ts'
export { noteStep, putChecklistAway, setupOverview, type SetupOverview } from './wizard.ts'
