/**
 * Derives sandbox/stripe/schema/generated.json from the installed `stripe` package.
 *   node scripts/derive-stripe-schemas.ts           writes the file
 *   node scripts/derive-stripe-schemas.ts --check   exits 1 when the committed file differs
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { descriptionText } from '../sandbox/stripe/schema/derive/derive.ts'

const sdkRoot = fileURLToPath(new URL('../node_modules/stripe', import.meta.url))
const target = fileURLToPath(new URL('../sandbox/stripe/schema/generated.json', import.meta.url))

const unknown = process.argv.slice(2).filter((argument) => argument !== '--check')
if (unknown.length > 0) {
  console.error(`Unknown argument ${unknown.join(' ')}. Usage: derive-stripe-schemas [--check]`)
  process.exit(2)
}
const text = descriptionText(sdkRoot)
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('generated.json differs from what the installed stripe package gives.')
    console.error('Run: node scripts/derive-stripe-schemas.ts, then look at the diff.')
    process.exit(1)
  }
  console.log('generated.json is current.')
} else {
  writeFileSync(target, text)
  console.log(`Wrote ${target}`)
}
