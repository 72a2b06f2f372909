import type { Sandbox } from '../sandbox.ts'
import type { Commands } from '../control/commands.ts'
import type { Frame } from './frame.ts'

export type Visit = {
  sandbox: Sandbox
  account: string
  commands: Commands
  frame: Frame
  query: URLSearchParams
}
