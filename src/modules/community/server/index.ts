export {
  deleteComment,
  editComment,
  mayComment,
  mayReport,
  reportComment,
  writeComment,
  type CommentWritten,
} from './comments.ts'
export { commentOfToken } from './decision-link.ts'
export { likeComment, likePost, mayLike, renewLikes, type Liked } from './likes.ts'
export { isOffToken, turnRepliesOff } from './mail-off.ts'
export {
  banMember,
  closeComments,
  commentsWaiting,
  decide,
  moderationCounts,
  moderationQueue,
  unbanMember,
  undoDecision,
} from './moderation.ts'
export { personAt, profileOf, saveProfile } from './profiles.ts'
export { sweepSpam } from './store.comments.ts'
export type { QueueFilter } from './store.moderation.ts'
export { addressOfComment, askedOfReader, commentAddress, discussionFor } from './threads.ts'
