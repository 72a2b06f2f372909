/** Why a mail server did not take a mail, as far as it can be told apart. */
export type MailFault =
  | 'no_such_server'
  | 'no_connection'
  | 'no_answer'
  | 'encryption'
  | 'sign_in'
  | 'sender'
  | 'reader'
  | 'content'
  | 'for_now'
  | 'other'

/** What happened, and what the owner does about it. */
export const mailFaultWords: Readonly<
  Record<MailFault, { readonly title: string; readonly remedy: string }>
> = {
  no_such_server: {
    title: 'There is no mail server of this name',
    remedy: 'Compare its name, letter by letter, with what your mail provider tells.',
  },
  no_connection: {
    title: 'The mail server lets nobody in at this port',
    remedy:
      'Try port 587 or 465, whichever your provider names. Many hosting companies close port 25.',
  },
  no_answer: {
    title: 'The mail server did not answer in time',
    remedy:
      'Mostly the port is wrong, or the company that hosts this program lets no mail out: ask it. Otherwise try again in a few minutes.',
  },
  encryption: {
    title: 'No safe connection came about',
    remedy:
      'Port 465 speaks encrypted from the first word, 587 only after it: try the other one. If it is the certificate, use the name that the provider tells, not a number or a name of your own.',
  },
  sign_in: {
    title: 'User name or password are wrong',
    remedy:
      'The server knows the way but not you. Type both anew; many providers ask for a password made for programs, not the one of your mailbox.',
  },
  sender: {
    title: 'The server does not let you write from this address',
    remedy:
      'Enter under From an address that belongs to this mail account, or have the provider add yours.',
  },
  reader: {
    title: 'The server refuses this recipient',
    remedy: 'Look whether your own address is right, under your account settings.',
  },
  content: {
    title: 'The server refuses the mail itself',
    remedy:
      'It reads like something unwanted to it. Your provider can say why; the entries below (SPF, DKIM, DMARC) often help.',
  },
  for_now: {
    title: 'The server takes no mail right now',
    remedy:
      'It asks to be tried again later: nothing is wrong with what you entered. Send the test again in a quarter of an hour.',
  },
  other: {
    title: 'The mail did not leave',
    remedy: 'Check the server’s name, the port, the user and the password.',
  },
}

/** What a failed sending tells: how the mail program names it, the server's code, what was being done. */
export interface SendingFailure {
  /** Of nodemailer or of the system: EAUTH, ECONNREFUSED ... */
  readonly code: string
  /** Of the server, such as 535; 0: it said none. */
  readonly responseCode: number
  /** What the server was told last: CONN, AUTH PLAIN, MAIL FROM, RCPT TO, DATA. */
  readonly command: string
  readonly message: string
}

const timeOuts = ['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'ELATE']
const unreached = ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE']
/** Replies that speak of signing in. Source: RFC 4954, section 6. */
const aboutSigningIn = [530, 534, 535, 538]

/** Tells the reasons apart. Pure. */
export function mailFaultOf(failure: SendingFailure): MailFault {
  const { code, responseCode, command, message } = failure
  if (code === 'EAUTH' || aboutSigningIn.includes(responseCode)) {
    return responseCode >= 400 && responseCode < 500 ? 'for_now' : 'sign_in'
  }
  if (responseCode >= 400 && responseCode < 500) return 'for_now'
  if (responseCode >= 500) {
    if (command.startsWith('MAIL')) return 'sender'
    if (command.startsWith('RCPT')) return 'reader'
    if (command.startsWith('DATA')) return 'content'
  }
  if (code === 'ENOTFOUND' || code === 'EDNS' || /\bENOTFOUND\b|\bEAI_AGAIN\b/.test(message))
    return 'no_such_server'
  if (timeOuts.includes(code) || /timed? ?out|greeting never received/i.test(message))
    return 'no_answer'
  if (code === 'ETLS' || /\bssl\b|\btls\b|certificate|wrong version number/i.test(message))
    return 'encryption'
  if (unreached.includes(code) || unreached.some((one) => message.includes(one)))
    return 'no_connection'
  return code === 'ECONNECTION' || /closed unexpectedly/i.test(message) ? 'no_connection' : 'other'
}
