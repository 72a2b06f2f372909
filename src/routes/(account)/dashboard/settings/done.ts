export type SectionName = 'name' | 'picture' | 'address' | 'password' | 'sessions' | 'posts'

interface Done {
  readonly section: SectionName
  readonly words: string
}

/** What a section says after something worked there (`?done=`). */
export const doneWords = {
  name: { section: 'name', words: 'Your name is saved.' },
  picture: { section: 'picture', words: 'Your new picture is shown from now on.' },
  'no-picture': {
    section: 'picture',
    words: 'Your picture is gone; your initials stand in its place.',
  },
  'code-sent': {
    section: 'address',
    words: 'We sent a code to your new address. Nothing changes before you type it in.',
  },
  address: {
    section: 'address',
    words: 'Your address is changed. We told your old one, and signed you out everywhere else.',
  },
  kept: { section: 'address', words: 'Your address stays as it is.' },
  password: {
    section: 'password',
    words: 'Your password is saved, and you are signed out everywhere else.',
  },
  session: { section: 'sessions', words: 'That session has ended.' },
  'posts-on': { section: 'posts', words: 'New posts come to your mailbox from now on.' },
  'posts-off': { section: 'posts', words: 'No more posts come by mail.' },
  sessions: { section: 'sessions', words: 'You are signed out everywhere else.' },
} as const satisfies Record<string, Done>

/** For whatever stands in the address; undefined for what is none of ours. */
export function doneOf(what: string | null): Done | undefined {
  return Object.entries(doneWords).find(([name]) => name === what)?.[1]
}
