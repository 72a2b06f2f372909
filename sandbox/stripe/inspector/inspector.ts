import type { HttpAnswer } from '../http/answer.ts'
import type { ApiRequest } from '../http/request.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Visit } from './visit.ts'
import { ApiError } from '../api-error.ts'
import { Commands } from '../control/commands.ts'
import { authenticate, formTokenOf } from '../http/authenticate.ts'
import { decodeForm } from '../http/form.ts'
import { redirect } from '../pages/layout.ts'
import { messagePage, nothingHere } from '../pages/message-page.ts'
import { pathPrefix } from '../pages/path-prefix.ts'
import { act } from './actions.ts'
import { chaosPage } from './chaos-page.ts'
import { deliveriesPage } from './deliveries-page.ts'
import { eventPage, eventsPage } from './events-page.ts'
import { Frame } from './frame.ts'
import { objectPage, objectsPage } from './objects-page.ts'
import { overviewPage } from './overview-page.ts'
import { requestPage, requestsPage } from './requests-page.ts'

type View = (visit: Visit, path: readonly string[]) => Promise<HttpAnswer>

/** The inspector's pages by the first part of their address. */
const VIEWS: Readonly<Record<string, { one?: View; all: View }>> = {
  '': { all: overviewPage },
  objects: { all: objectsPage, one: objectPage },
  events: { all: eventsPage, one: eventPage },
  deliveries: { all: deliveriesPage },
  requests: { all: requestsPage, one: requestPage },
  chaos: { all: chaosPage },
}

/** Looking into an account with a browser: the key is asked for as user name, forms carry a token. */
export async function answerInspector(sandbox: Sandbox, request: ApiRequest): Promise<HttpAnswer> {
  const path = request.path.split('/').filter((step) => step !== '')
  const [section = '', ...rest] = path
  try {
    if (request.method === 'POST' && section === 'do') return await post(sandbox, request, rest)
    if (request.method !== 'GET' && request.method !== 'HEAD') return nothingHere()
    const views = VIEWS[section]
    const view = rest.length === 0 ? views?.all : views?.one
    if (view === undefined) return nothingHere()
    return await view(await visitOf(sandbox, request), rest)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return refused(error)
  }
}

async function visitOf(sandbox: Sandbox, request: ApiRequest): Promise<Visit> {
  const { account, key } = authenticate(request.headers, sandbox.setup.key)
  const token = formTokenOf(key)
  const reading = await sandbox.reading(account)
  if ((await reading.get('_inspector', token)) === undefined)
    await sandbox.change(account, { id: request.id, idempotencyKey: null }, async (work) => {
      work.put('_inspector', { id: token, object: '_inspector', created: work.now })
    })
  const commands = new Commands(sandbox, account)
  return {
    sandbox,
    account,
    commands,
    frame: new Frame({
      prefix: pathPrefix(sandbox),
      account,
      token,
      clock: await commands.clock(),
      here: request.path,
    }),
    query: new URLSearchParams(request.query),
  }
}

/** A form of the inspector. Its token is enough: other sites cannot know it. */
async function post(
  sandbox: Sandbox,
  request: ApiRequest,
  path: readonly string[],
): Promise<HttpAnswer> {
  const form = decodeForm(request.body)
  const token = form['token']
  const account =
    typeof token === 'string' ? await sandbox.store.accountOf('_inspector', token) : undefined
  if (account === undefined)
    throw new ApiError(403, {
      type: 'invalid_request_error',
      message: 'This form is out of date. Load the page again.',
    })
  await act(new Commands(sandbox, account), path.join('/'), form)
  const back = form['back']
  // Only to pages of the inspector itself: one slash, no host.
  const target = typeof back === 'string' && /^\/(?![/\\])[\w./?=&%-]*$/.test(back) ? back : '/'
  return redirect(`${pathPrefix(sandbox)}${target}`)
}

function refused(error: ApiError): HttpAnswer {
  const page = messagePage({
    status: error.status,
    title: error.status === 401 ? 'The inspector asks for a key' : 'That did not work',
    text:
      error.status === 401
        ? ['Give the test key (sk_test_...) as user name and leave the password empty.']
        : [error.message],
  })
  return { ...page, headers: { ...page.headers, ...error.headers } }
}
