import path from 'node:path'

export interface BackupSettings {
  /** Absolute path of the folder that the shop's own backups go to. */
  readonly folder: string
  /** Hours between two backups of the running shop; 0 = none by itself. */
  readonly everyHours: number
  /** All of the last hours are kept, and the last one of each of the last days. */
  readonly keepHours: number
  readonly keepDays: number
}

/** BACKUP_DIR, BACKUP_EVERY_HOURS, BACKUP_KEEP_HOURS, BACKUP_KEEP_DAYS. whole: reads a whole number or refuses it in words. */
export function readBackupSettings(
  place: string | undefined,
  dataDir: string,
  cwd: string,
  whole: (name: string, fallback: number, least: number, most: number) => number,
): BackupSettings {
  return {
    folder: place === undefined ? path.join(dataDir, 'backups') : path.resolve(cwd, place),
    everyHours: whole('BACKUP_EVERY_HOURS', 1, 0, 168),
    keepHours: whole('BACKUP_KEEP_HOURS', 24, 1, 8760),
    keepDays: whole('BACKUP_KEEP_DAYS', 7, 1, 3650),
  }
}
