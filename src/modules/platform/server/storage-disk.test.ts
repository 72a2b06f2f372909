import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach } from 'vitest'
import { openDiskStorage } from './storage-disk.ts'
import { fileStorageContract } from './storage.contract.ts'

let folder = ''
afterEach(() => rmSync(folder, { recursive: true, force: true }))

fileStorageContract(
  'on the disk',
  async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-files-'))
    return openDiskStorage(folder)
  },
  async () => {
    mkdirSync(path.join(folder, '.drafts'))
    writeFileSync(path.join(folder, '.drafts', 'half'), 'half of')
  },
)
