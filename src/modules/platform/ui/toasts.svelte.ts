export interface Toast {
  readonly id: number
  readonly words: string
}

/** What the toast region shows, newest last. */
export const toasts = $state<Toast[]>([])

/** WCAG 2.2.1 wants time to read; the pointer or the focus on a toast keeps it. */
export const toastMs = 6_000
const most = 2
let last = 0

/** Says what happened, for six seconds: status only. Errors and things to do stand in the page. */
export function say(words: string): void {
  toasts.push({ id: ++last, words })
  if (toasts.length > most) toasts.splice(0, toasts.length - most)
}

export function dismiss(id: number): void {
  const at = toasts.findIndex((toast) => toast.id === id)
  if (at >= 0) toasts.splice(at, 1)
}
