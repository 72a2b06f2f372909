/** What the page says after something worked. */
export const doneWords: Readonly<Record<string, string>> = {
  name: 'Your name is saved.',
  picture: 'Your new picture is shown from now on.',
  'no-picture': 'Your picture is gone; your initials stand in its place.',
  'code-sent': 'We sent a code to your new address. Nothing changes before you type it in.',
  address: 'Your address is changed. We told your old one, and signed you out everywhere else.',
  kept: 'Your address stays as it is.',
  password: 'Your password is saved, and you are signed out everywhere else.',
  session: 'That session has ended.',
  sessions: 'You are signed out everywhere else.',
}
