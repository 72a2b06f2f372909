import type { ApiRequest } from '../http/api.ts'
import type { HttpAnswer } from '../http/server.ts'
import type { Sandbox } from '../sandbox.ts'
import { nothingHere } from '../pages/pages.ts'

export async function answerInspector(
  _sandbox: Sandbox,
  _request: ApiRequest,
): Promise<HttpAnswer> {
  return nothingHere()
}
