export { sealPassword, type SealedPassword } from './auth.ts'
export {
  avatarFile,
  avatarFolder,
  changeAvatar,
  discardAvatar,
  storeAvatar,
  type StoredAvatar,
} from './avatar.ts'
export type { CodeRefusal } from './code-check.ts'
export {
  claimPurchases,
  customerDetail,
  customerFor,
  customerIdsOf,
  customersPage,
} from './customers.ts'
export { memberOnly, ownerOnly } from './gates.ts'
export { mayAskForCode, mayTryToSignIn, mayUploadPicture } from './limits.ts'
export {
  createOwner,
  prepareOwnerSetup,
  setupLink,
  type OwnerCreation,
  type SetupLink,
} from './owner-setup.ts'
export { writeSessionCookie, type CookieJar } from './session-cookie.ts'
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
