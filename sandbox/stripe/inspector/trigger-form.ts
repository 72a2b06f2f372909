import type { Html } from '../pages/html.ts'
import type { Frame } from './frame.ts'
import { html } from '../pages/html.ts'

/** A button that makes something happen at once. */
export function deed(
  frame: Frame,
  event: string,
  named: Readonly<Record<string, string>>,
  label: string,
): Html {
  return frame.form(
    'trigger',
    html`<input type="hidden" name="event" value="${event}" />
      ${Object.entries(named).map(
        ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
      )}
      <button class="button quiet small" data-testid="${event}">${label}</button>`,
  )
}

/** One of Stripe's words, shown as words; the empty one is "none". */
export function choiceField(
  id: string,
  name: string,
  label: string,
  words: readonly string[],
  chosen = '',
): Html {
  return html`<div class="field">
    <label for="${id}">${label}</label>
    <select class="input" id="${id}" name="${name}">
      ${words.map(
        (word) =>
          html`<option value="${word}" ${word === chosen ? html`selected` : ''}>
            ${word === '' ? 'none' : word.replaceAll('_', ' ')}
          </option>`,
      )}
    </select>
  </div>`
}

export function silentField(id: string): Html {
  return html`<label class="tick" for="${id}"
    ><input type="checkbox" id="${id}" name="silent" value="yes" />Tell nobody: no event is
    sent</label
  >`
}
