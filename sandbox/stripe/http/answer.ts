/** What a door of the sandbox answers: text with headers. */
export type HttpAnswer = { status: number; headers: Record<string, string>; body: string }
