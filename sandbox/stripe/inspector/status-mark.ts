import type { Html } from '../pages/html.ts'
import { html } from '../pages/html.ts'

const TONES: Readonly<Record<string, 'good' | 'warn' | 'bad'>> = {
  succeeded: 'good',
  paid: 'good',
  complete: 'good',
  won: 'good',
  enabled: 'good',
  pending: 'warn',
  held: 'warn',
  processing: 'warn',
  open: 'warn',
  requires_action: 'warn',
  requires_capture: 'warn',
  needs_response: 'warn',
  warning_needs_response: 'warn',
  failed: 'bad',
  dropped: 'bad',
  lost: 'bad',
  disabled: 'bad',
}

/** A state as a word in its colour. */
export function statusMark(status: string): Html {
  return html`<span class="status ${TONES[status] ?? ''}">${status.replaceAll('_', ' ')}</span>`
}

/** An HTTP status the same way. */
export function httpMark(status: number): Html {
  const tone =
    status >= 200 && status < 300 ? 'good' : status >= 500 || status === 0 ? 'bad' : 'warn'
  return html`<span class="status ${tone}">${status === 0 ? 'no answer' : status}</span>`
}
