import { readCommandLine, USAGE } from './arguments.ts'
import { startSandbox } from './index.ts'

// What cannot be said, because the disk behind it is full for example, stops nothing.
process.stderr.on('error', () => undefined)

const commandLine = readCommandLine(process.argv.slice(2))

if (commandLine.kind === 'help') {
  process.stdout.write(USAGE)
} else if (commandLine.kind === 'wrong') {
  process.stderr.write(`${commandLine.message}\n\n${USAGE}`)
  process.exitCode = 2
} else {
  const sandbox = await startSandbox(commandLine.options).catch((error: unknown) => {
    process.stderr.write(
      `The sandbox cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    process.exit(1)
  })
  let isStopping = false
  const stop = (): void => {
    if (isStopping) return
    isStopping = true
    sandbox.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  if (commandLine.withParent) {
    // The parent holds the other end of standard input; it closes however the parent ends.
    process.stdin.resume()
    process.stdin.on('end', stop)
    process.stdin.on('error', stop)
  }
  process.stdout.write(`${JSON.stringify({ listening: sandbox.url })}\n`)
}
