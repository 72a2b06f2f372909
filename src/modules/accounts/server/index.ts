export { sealPassword, type SealedPassword } from './auth.ts'
export {
  avatarFile,
  avatarFolder,
  changeAvatar,
  discardAvatar,
  storeAvatar,
  type StoredAvatar,
} from './avatar.ts'
export { alarmLink, itWasNotMe, type AlarmLink } from './alarms.ts'
export type { CodeRefusal } from './code-check.ts'
export {
  claimPurchases,
  customerAddresses,
  customerDetail,
  customerFor,
  customerIdsByEmail,
  customerIdsOf,
  customersPage,
} from './customers.ts'
export {
  addPasskey,
  askForProof,
  beginApp,
  closeFactorHint,
  confirmApp,
  factorsOf,
  pendingApp,
  proofWish,
  removeApp,
  removePasskey,
  renamePasskey,
  renewRecoveryCodes,
  showsFactorHint,
  type FactorAdded,
  type PendingApp,
} from './factors.ts'
export type { FactorResult, FactorTry } from './factor-proof.ts'
export {
  confirmByFactor,
  confirmByPassword,
  isOwnPassword,
  keptField,
  proofRequest,
  provenForm,
  requireFreshProof,
  type FreshProof,
  type ProofGiven,
} from './fresh-proof.ts'
export { memberOnly, ownerOnly } from './gates.ts'
export { removeMember } from './leaving.ts'
export {
  mayAskForCode,
  mayAskForPasskey,
  mayTrySecondFactor,
  mayTryToSignIn,
  mayUploadPicture,
} from './limits.ts'
export {
  ownerAddress,
  prepareOwnerRecovery,
  recoverOwner,
  recoveryLink,
  type RecoveryLink,
} from './owner-recovery.ts'
export {
  createOwner,
  prepareOwnerSetup,
  setupLink,
  type OwnerCreation,
  type SetupLink,
} from './owner-setup.ts'
export {
  askForNewPasskey,
  askForPasskey,
  checkNewPasskey,
  checkPasskey,
  takeNewPasskeyAnswer,
  takePasskeyAnswer,
  thisPlace,
  type ChallengeScope,
  type PasskeyProof,
} from './passkeys.ts'
export {
  doSecondStep,
  dropHalfSignIn,
  halfSignIn,
  signInByPasskey,
  type FirstStep,
  type HalfSignIn,
  type SecondStep,
} from './second-step.ts'
export {
  clearHalfCookie,
  writeHalfCookie,
  writeSessionCookie,
  type CookieJar,
} from './session-cookie.ts'
export {
  actorOf,
  carrySession,
  endOtherSessions,
  endSession,
  endThisSession,
  sessionsOf,
  visitorOf,
  type SessionStart,
} from './sessions.ts'
export { provideOwing } from './store.session.ts'
export {
  accountSettings,
  changeEmail,
  changePassword,
  confirmItIsMe,
  dropEmailChange,
  rename,
  requestEmailChange,
  type AccountSettings,
  type EmailChange,
} from './settings.ts'
export {
  provePassword,
  requestSignInCode,
  signInByCode,
  signInByPassword,
  signInRequest,
  type SignInByCode,
} from './sign-in.ts'
export { sweepAccounts } from './sweep.ts'
