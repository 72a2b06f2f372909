// Writes src/modules/platform/ui/palette.css, the colours of a shop that has not chosen its own.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { defaultPaletteStylesheet } from '../src/modules/site/palette-css.ts'

writeFileSync(
  path.resolve(import.meta.dirname, '../src/modules/platform/ui/palette.css'),
  defaultPaletteStylesheet(),
)
