import { isLiveElsewhere, modeOfKey, webhookSecretsIn } from '#server/settings.ts'

export type KeyRefusal =
  | 'blank'
  | 'publishable'
  | 'webhook_secret'
  | 'not_a_key'
  | 'live_elsewhere'
  | 'test_after_live'
  | 'other_account'

export const keyRefusals: Readonly<Record<KeyRefusal, string>> = {
  blank: 'Paste the secret key from Stripe: Developers, API keys.',
  publishable:
    'This is the publishable key (pk_...). The shop needs the secret key beside it, which begins with sk_ or rk_.',
  webhook_secret:
    'This is a webhook secret (whsec_...). It belongs into the field below; here goes the key that begins with sk_ or rk_.',
  not_a_key: 'A secret key begins with sk_test_, sk_live_, rk_test_ or rk_live_.',
  live_elsewhere:
    'This is a live key, but STRIPE_API_BASE points to another backend. Real money and a sandbox must not meet.',
  test_after_live:
    'This shop has taken real money, so it stays live: a test key would mix play money with it.',
  other_account:
    'This key is of another Stripe account than the one that took the money of this shop. Its refunds could not be sent any more.',
}

/** What is wrong with a key by its looks alone; undefined when nothing is. */
export function keyRefusal(key: string, stripeApiBase: string | undefined): KeyRefusal | undefined {
  if (key === '') return 'blank'
  if (key.startsWith('pk_')) return 'publishable'
  if (key.startsWith('whsec_')) return 'webhook_secret'
  const mode = modeOfKey(key)
  if (!/^[\x21-\x7e]*$/.test(key)) return 'not_a_key'
  if (!mode || key.length < 16 || key.length > 300) return 'not_a_key'
  if (isLiveElsewhere(mode, stripeApiBase)) return 'live_elsewhere'
  return undefined
}

/** What is wrong with a webhook secret, in words; undefined when nothing is. */
export function webhookRefusal(text: string): string | undefined {
  if (text === '') return 'Paste the signing secret of the endpoint: it begins with whsec_.'
  if (/^(?:sk|rk|pk)_/.test(text))
    return 'This is a key. The signing secret of the endpoint begins with whsec_.'
  if (!/^[\x20-\x7e]*$/.test(text)) return 'A secret has plain letters and digits alone.'
  const secrets = webhookSecretsIn(text)
  if (!secrets || secrets.some((one) => one.length < 16))
    return 'This is too short to be a secret. An empty or guessable one would let anybody forge a payment.'
  if (secrets.length > 4 || text.length > 1_000)
    return 'At most four secrets, with commas between them.'
  return undefined
}

/** The last four signs of a secret: enough to know it again, too little to use it. */
export function lastFour(secret: string): string {
  return secret.length < 12 ? '' : secret.slice(-4)
}

export interface MailServerInput {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

/** Whether a text can stand in a mail server's address or in the head of a mail. */
export function isOneCleanLine(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text)
}

/** SMTP_URL of a mail server; port 465 is encrypted from the first byte, all others begin with STARTTLS where it is offered. */
export function smtpUrlOf(server: MailServerInput): string {
  const who =
    server.user === ''
      ? ''
      : `${encodeURIComponent(server.user)}:${encodeURIComponent(server.password)}@`
  return `${server.port === 465 ? 'smtps' : 'smtp'}://${who}${server.host}:${server.port}`
}

/** The parts of an SMTP_URL, without its password. */
export function mailServerOf(url: string): Omit<MailServerInput, 'password'> {
  const { hostname, port, username, protocol } = new URL(url)
  return {
    host: hostname,
    port: port === '' ? (protocol === 'smtps:' ? 465 : 587) : Number(port),
    user: decodeURIComponent(username),
  }
}

/** The password in an SMTP_URL; '' when it holds none. */
export function passwordOf(url: string): string {
  return decodeURIComponent(new URL(url).password)
}

/**
 * The password for a server as it was entered: what was typed, or else the one that is kept for exactly this server, port and user.
 * undefined when the kept one is for another, which must not be given it: it has to be typed. kept: SMTP_URL as it is stored.
 */
export function passwordFor(
  entered: MailServerInput,
  kept: string | undefined,
): string | undefined {
  if (entered.password !== '' || entered.host === '' || kept === undefined) return entered.password
  const password = passwordOf(kept)
  const { host, port, user } = mailServerOf(kept)
  if (host === entered.host && port === entered.port && user === entered.user) return password
  return password === '' || entered.user === '' ? '' : undefined
}

/** The domain a mail comes from: what SPF, DKIM and DMARC are asked for. */
export function domainOfSender(from: string): string | undefined {
  const address = /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from
  return /@([a-z0-9.-]+)\s*$/i.exec(address.trim())?.[1]?.toLowerCase()
}
