/** An object that was deleted: it can be read, it is not listed. */
export type Deleted<Name extends string> = { id: string; object: Name; deleted: true }
