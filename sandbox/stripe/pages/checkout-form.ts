import type { CheckoutSession } from '../engine/objects/checkout-session.ts'
import type { FieldName, Mistake, Typed } from './checkout-entry.ts'
import type { RenewalWords } from './checkout-words.ts'
import type { Html } from './html.ts'
import { moneyOf, needsMethod } from '../engine/session-money.ts'
import { banksOfType, debitTypeFor } from '../engine/test-banks.ts'
import { buttonLabel } from './checkout-words.ts'
import { COUNTRIES } from './countries.ts'
import { html } from './html.ts'

export const EMPTY: Typed = {
  email: '',
  method: 'card',
  number: '',
  expiry: '',
  cvc: '',
  name: '',
  country: 'US',
  bank: '',
}

/** Cards offered for filling in, with what they do. */
const OFFERED: readonly { number: string; does: string }[] = [
  { number: '4242424242424242', does: 'pays' },
  { number: '4000000000000002', does: 'is declined' },
  { number: '4000000000009995', does: 'has no money' },
  { number: '4000002760003184', does: 'asks for 3D Secure' },
  { number: '4000000000000259', does: 'pays, disputed later' },
  { number: '4000000000005126', does: 'pays, refunds fail' },
]

/** The form with a test card typed in. */
export function filledWith(number: string, nowMs: number): Typed {
  const year = (new Date(nowMs).getUTCFullYear() + 4) % 100
  return {
    ...EMPTY,
    number: grouped(number.replaceAll(/\D/g, '').slice(0, 19)),
    expiry: `12 / ${String(year).padStart(2, '0')}`,
    cvc: '123',
    name: 'Test Buyer',
  }
}

function grouped(number: string): string {
  return number.replaceAll(/(\d{4})(?=\d)/g, '$1 ')
}

/** The form that pays a session, with what was typed and what was wrong with it. */
export function checkoutForm(given: {
  session: CheckoutSession
  typed: Typed
  mistake: Mistake | undefined
  action: string
  words: RenewalWords | undefined
}): Html {
  const { session, typed, mistake, action, words } = given
  const debit = debitTypeFor(moneyOf(session).currency)
  const takesCard = session.payment_method_types.includes('card')
  const takesDebit = session.payment_method_types.includes(debit)
  const isFree = !needsMethod(session)
  return html`<form method="post" action="${action}" novalidate>
      ${
        mistake !== undefined &&
        html`<p class="problem" role="alert" id="problem" data-testid="error">
          ${mistake.message}
        </p>`
      }
      <h2>Contact</h2>
      ${emailField(session, typed, mistake)}
      ${
        !isFree &&
        html`<h2>Payment method</h2>
          <fieldset class="method" aria-label="Payment method">
            ${
              takesCard &&
              html`<label class="choice"
                  ><input
                    type="radio"
                    name="method"
                    value="card"
                    data-testid="card"
                    ${typed.method === 'card' || !takesDebit ? html`checked` : ''}
                  />Card</label
                >
                <div class="card-fields">${cardFields(typed, mistake)}</div>`
            }
            ${
              takesDebit &&
              html`<label class="choice bank-choice"
                  ><input
                    type="radio"
                    name="method"
                    value="bank_debit"
                    data-testid="bank-debit"
                    ${typed.method === 'bank_debit' || !takesCard ? html`checked` : ''}
                  />Bank debit<small>pays days later</small></label
                >
                <div class="bank-fields">${bankFields(debit, typed, mistake)}</div>`
            }
          </fieldset>`
      }
      ${isFree ? '' : nameFields(typed, mistake)}
      <button class="button wide" type="submit" data-testid="pay">
        ${buttonLabel(session, words)}
      </button>
      ${
        words !== undefined &&
        html`<p class="note" data-testid="terms">
          By confirming, you allow the shop to charge you for future payments. You can cancel at any
          time.
        </p>`
      }
      ${
        session.custom_text.submit !== null &&
        html`<p class="note">${session.custom_text.submit.message}</p>`
      }
    </form>
    ${takesCard && !isFree && offeredCards(action)}`
}

function emailField(session: CheckoutSession, typed: Typed, mistake: Mistake | undefined): Html {
  const known = session.customer_details?.email ?? null
  if (known !== null)
    return html`<p class="label">Email</p>
      <p class="locked" data-testid="email">${known}</p>`
  return html`<div class="field">
    <label for="email">Email</label>
    <input
      class="input"
      id="email"
      name="email"
      type="email"
      autocomplete="email"
      data-testid="email"
      value="${typed.email}"
      ${invalid('email', mistake)}
    />
  </div>`
}

/** The fields of a card, with what was typed and what was wrong with it. */
export function cardFields(typed: Typed, mistake: Mistake | undefined): Html {
  return html`<div class="field">
      <label for="card-number">Card number</label>
      <input
        class="input"
        id="card-number"
        name="card_number"
        inputmode="numeric"
        autocomplete="cc-number"
        placeholder="1234 1234 1234 1234"
        data-testid="card-number"
        value="${typed.number}"
        ${invalid('number', mistake)}
      />
    </div>
    <div class="pair">
      <div class="field">
        <label for="card-expiry">Expiry</label>
        <input
          class="input"
          id="card-expiry"
          name="card_expiry"
          inputmode="numeric"
          autocomplete="cc-exp"
          placeholder="MM / YY"
          data-testid="card-expiry"
          value="${typed.expiry}"
          ${invalid('expiry', mistake)}
        />
      </div>
      <div class="field">
        <label for="card-cvc">Security code</label>
        <input
          class="input"
          id="card-cvc"
          name="card_cvc"
          inputmode="numeric"
          autocomplete="cc-csc"
          placeholder="CVC"
          data-testid="card-cvc"
          value="${typed.cvc}"
          ${invalid('cvc', mistake)}
        />
      </div>
    </div>`
}

function bankFields(
  debit: 'us_bank_account' | 'sepa_debit',
  typed: Typed,
  mistake: Mistake | undefined,
): Html {
  return html`<div class="field">
    <label for="bank-account">Test account</label>
    <select
      class="input"
      id="bank-account"
      name="bank_account"
      data-testid="bank-account"
      ${invalid('bank', mistake)}
    >
      ${banksOfType(debit).map(
        (bank) =>
          html`<option value="${bank.account}" ${typed.bank === bank.account ? html`selected` : ''}>
            ${bank.outcome.succeeds ? 'Pays' : `Fails: ${bank.outcome.code.replaceAll('_', ' ')}`}
            (…${bank.account.slice(-4)})
          </option>`,
      )}
    </select>
  </div>`
}

function nameFields(typed: Typed, mistake: Mistake | undefined): Html {
  return html`<h2>Name and country</h2>
    <div class="field">
      <label for="card-name">Name on card or account</label>
      <input
        class="input"
        id="card-name"
        name="card_name"
        autocomplete="cc-name"
        data-testid="card-name"
        value="${typed.name}"
        ${invalid('name', mistake)}
      />
    </div>
    <div class="field">
      <label for="card-country">Country or region</label>
      <select
        class="input"
        id="card-country"
        name="card_country"
        autocomplete="country"
        data-testid="card-country"
      >
        ${COUNTRIES.map(
          ({ code, name }) =>
            html`<option value="${code}" ${typed.country === code ? html`selected` : ''}>
              ${name}
            </option>`,
        )}
      </select>
    </div>`
}

/** Test cards to fill in. */
export function offeredCards(action: string): Html {
  return html`<details>
    <summary>Test cards</summary>
    <table class="cards">
      <tbody>
        ${OFFERED.map(
          ({ number, does }) =>
            html`<tr>
              <td>${grouped(number)}</td>
              <td>${does}</td>
              <td>
                <a href="${action}${action.includes('?') ? '&' : '?'}fill=${number}">Fill in</a>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`
}

function invalid(field: FieldName, mistake: Mistake | undefined): Html | '' {
  return mistake?.field === field ? html`aria-invalid="true" aria-describedby="problem"` : ''
}
