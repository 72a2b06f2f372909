export {
  hasPosts,
  newestPostsFor,
  postCards,
  postCategories,
  postFor,
  searchPosts,
} from './serve.ts'
export { layOutExamplePosts } from './example-shop.ts'
export {
  beginPost,
  deletePost,
  deletePostForGood,
  dropTyped,
  editPost,
  keepTyped,
  ownerPost,
  ownerPosts,
  postSeen,
  publishDuePosts,
  publishPost,
  removeExamplePosts,
  restorePost,
  sweepPosts,
  typedIn,
  unpublishPost,
} from './write.ts'
export {
  joinNewsletter,
  leaveByKey,
  leaveByOwner,
  leaveNewsletter,
  memberOfLeaveKey,
  newsletterOf,
  postOfPreview,
  readerOfMailPicture,
} from './newsletter.ts'
export {
  mailingOf,
  mailOn,
  mailPost,
  postByMail,
  previewOfMail,
  stopMailing,
  type MailingOverview,
} from './mailing.ts'
export { dropFeed, feedKey, makeFeed, readerOfFeed } from './feeds.ts'
export {
  addPostPicture,
  mostPostPictures,
  pictureFor,
  postPictures,
  removePostPicture,
} from './pictures.ts'
export { removeCategory, renameCategory } from './categories.ts'
export { categoriesWithCounts } from './store.categories.ts'
export { allCategories, type OwnerState } from './store.ts'
