export { claimFile, type Claim, type ClaimResult } from './claim.ts'
export {
  addFile,
  addItem,
  editItem,
  editVersion,
  editWords,
  removeItem,
  removeVersion,
  reorderItems,
  type AddResult,
  type ContentResult,
  type SavedResult,
  type ReceivedFile,
} from './contents.ts'
export { deliverFile, type DeliveryRequest } from './deliver.ts'
export { downloadContents, goodsOf } from './goods.ts'
export { contentMarks, shownContents } from './shown-contents.ts'
export { downloadLink, linkLifeMs } from './link.ts'
export { downloadKind } from './product-kind.ts'
export { discardFile, receiveFile, type ReceiveFileResult } from './receive-file.ts'
export {
  accessLog,
  accessLogOfCustomers,
  accessLogOfEntitlement,
  accessLogOfLines,
  accessLogOfProduct,
  accessOf,
  firstCompletedDownload,
  holding,
  type AccessEntry,
  type Holding,
} from './access.ts'
export {
  allowMoreDownloads,
  downloadLimit,
  downloadsLeftOf,
  limitDownloads,
  versionsFetched,
} from './counted.ts'
export { damage, lookAfterFiles } from './damage.ts'
export {
  holdersOfVersion,
  stopTelling,
  tellBuyers,
  tellOn,
  versionOverview,
  type Holder,
  type Notice,
  type TellResult,
  type ToldVersion,
} from './notices.ts'
export { repairVersion, type RepairResult } from './repair.ts'
export {
  discardExampleFiles,
  layOutExampleDownloads,
  prepareExampleFiles,
  type ExampleFiles,
} from './example-shop.ts'
export { MalformedUploadError, readUpload, type PostedUpload } from './posted-upload.ts'
