export { audit, type AuditEntry } from './audit.ts'
export {
  backupOfShop,
  backupState,
  isBackupDue,
  type BackupRun,
  type BackupState,
} from './backups.ts'
export { BackupError } from './backup/write-backup.ts'
export {
  advanceClock,
  clockNow,
  machineSeconds,
  now,
  realSeconds,
  setRealTime,
  stopwatch,
} from './clock.ts'
export {
  closeDatabase,
  databaseAnswers,
  db,
  inTransaction,
  triedAgain,
  listen,
  poolFigures,
  type Db,
  type Tx,
} from './database.ts'
export { databaseTrouble } from './database-trouble.ts'
export { sendJob, sendJobNow, startJobs, stopJobs, type JobKind } from './jobs.ts'
export { log, withRequestId } from './log.ts'
export {
  onMailQueued,
  queueMail,
  type MailBlock,
  type MailContent,
  type OutgoingMail,
} from './mail-outbox.ts'
export { postedForm, textField } from './posted-form.ts'
export { sweepLimits, useLimit, type Limit, type LimitResult } from './rate-limit.ts'
export { reaching } from './reaching.ts'
export { seal, sealable, unseal } from './sealing.ts'
export { overwrites, seenMark, type Shown } from './seen.ts'
export { isSameText, isSigned, sha256, sign } from './signing.ts'
export { sqlState } from './sql-state.ts'
export { streamed } from './streamed.ts'
export { formerAsset, forgetFormerAssets, keepAssets } from './former-assets.ts'
export { checkStorage, storage, storagePlace, type StorageCheck } from './storage.ts'
export { claimStorage, type Home } from './storage-home.ts'
export { StorageUnavailableError, TooLargeError, type FileStorage } from './storage-port.ts'
export {
  damagedFiles,
  damageOf,
  markDamaged,
  markIntact,
  putRight,
  readAgain,
  type CheckedFile,
  type DamagedFile,
} from './file-care.ts'
export {
  discardBytes,
  keepFile,
  storeBytes,
  sweepOrphanBytes,
  sweepOrphanFiles,
  type StoredBytes,
} from './stored-files.ts'
export { provideRuntime, runtime } from '#server/runtime.ts'
export { changingPublicData, publicData } from './public-data.ts'
export { doubtPublicVersion, publicVersion, watchPublicVersion } from './public-version.ts'
