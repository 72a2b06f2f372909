/** What stands in the editor's form, as typed. */
export interface PostFields {
  readonly title: string
  readonly slug: string
  readonly author: string
  readonly category: string
  readonly bodyMd: string
  readonly access: string
  readonly anyPlan: boolean
  readonly plans: readonly string[]
  readonly products: readonly string[]
  /** Mark of what was saved when the form was filled. */
  readonly seen: string
}

/** A thing that can open a post. */
export interface Opener {
  readonly id: string
  readonly title: string
  /** '' or why it is not there for everybody: "draft", "no longer sold". */
  readonly note: string
}
