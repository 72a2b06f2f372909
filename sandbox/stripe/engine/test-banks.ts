/** How a bank debit ends, days after it was begun. */
export type DebitOutcome = { succeeds: true } | { succeeds: false; code: string; message: string }

export type TestBank = {
  type: 'us_bank_account' | 'sepa_debit'
  account: string
  outcome: DebitOutcome
}

const SUCCEEDS: DebitOutcome = { succeeds: true }

function fails(code: string, message: string): DebitOutcome {
  return { succeeds: false, code, message }
}

/** docs.stripe.com/payments/ach-direct-debit/accept-a-payment and .../sepa-debit/accept-a-payment */
const BANKS: readonly (TestBank & { token: string })[] = [
  {
    type: 'us_bank_account',
    token: 'pm_usBankAccount_success',
    account: '000123456789',
    outcome: SUCCEEDS,
  },
  {
    type: 'us_bank_account',
    token: 'pm_usBankAccount_accountClosed',
    account: '000111111113',
    outcome: fails('account_closed', "The customer's bank account has been closed."),
  },
  {
    type: 'us_bank_account',
    token: 'pm_usBankAccount_noAccount',
    account: '000111111116',
    outcome: fails('no_account', "The customer's bank account could not be located."),
  },
  {
    type: 'us_bank_account',
    token: 'pm_usBankAccount_insufficientFunds',
    account: '000222222227',
    outcome: fails(
      'insufficient_funds',
      "The customer's account has insufficient funds to cover this payment.",
    ),
  },
  {
    type: 'us_bank_account',
    token: 'pm_usBankAccount_debitNotAuthorized',
    account: '000333333335',
    outcome: fails(
      'debit_not_authorized',
      'The customer has notified their bank that this payment was unauthorized.',
    ),
  },
  {
    type: 'sepa_debit',
    token: 'pm_sepaDebit_success',
    account: 'DE89370400440532013000',
    outcome: SUCCEEDS,
  },
  {
    type: 'sepa_debit',
    token: 'pm_sepaDebit_fails',
    account: 'DE62370400440532013001',
    outcome: fails(
      'generic_could_not_process',
      "The customer's bank could not process this payment.",
    ),
  },
  {
    type: 'sepa_debit',
    token: 'pm_sepaDebit_insufficientFunds',
    account: 'DE65370400440000343434',
    outcome: fails(
      'insufficient_funds',
      "The customer's account has insufficient funds to cover this payment.",
    ),
  },
]

export function bankOfToken(token: string): TestBank | undefined {
  return BANKS.find((bank) => bank.token === token)
}

/** The test bank with this account number or IBAN (spaces do not matter). */
export function bankOfAccount(account: string): TestBank | undefined {
  const plain = account.replaceAll(/\s/g, '').toUpperCase()
  return BANKS.find((bank) => bank.account === plain)
}

/** The kind of debit offered for a currency: ACH for dollars, SEPA for everything else. */
export function debitTypeFor(currency: string): TestBank['type'] {
  return currency === 'usd' ? 'us_bank_account' : 'sepa_debit'
}

/** Test banks of one kind, the one that pays first: for the hosted page to offer. */
export function banksOfType(type: TestBank['type']): readonly TestBank[] {
  return BANKS.filter((bank) => bank.type === type)
}
