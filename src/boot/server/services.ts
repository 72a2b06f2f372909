import { prepareOwnerSetup, provideOwing } from '#modules/accounts/server/index.ts'
import { reminderByMail } from '#modules/booking/server/index.ts'
import { postByMail } from '#modules/content/server/index.ts'
import {
  askForDelivery,
  closeTransport,
  deliverMail,
  provideLaterMail,
} from '#modules/notifications/server/index.ts'
import { agreedNotes, takeUpEnclosure } from '#modules/cart/server/index.ts'
import {
  provideEnclosureReader,
  provideProductExtras,
  provideProductKinds,
  provideReceiptNotes,
} from '#modules/orders/server/index.ts'
import { mayOwe, membershipMirror } from '#modules/memberships/server/index.ts'
import {
  currentBackend,
  giveBackAllLeases,
  providePayables,
  provideSubscriptionMirror,
  startWorker,
  stopWorker,
} from '#modules/payments/server/index.ts'
import {
  closeDatabase,
  databaseAnswers,
  db,
  doubtPublicVersion,
  formerAsset,
  inTransaction,
  listen,
  onMailQueued,
  publicVersion,
  runtime,
  startJobs,
  stopJobs,
  watchPublicVersion,
} from '#modules/platform/server/index.ts'
import { provideApplication } from '#server/application.ts'
import { seedExampleShop } from './example-shop.ts'
import { keepOwnAssets, openFileStore } from './file-store.ts'
import { payables } from './payables.ts'
import { productExtras, productKinds } from './product-kinds.ts'
import { sandboxEndpoint, takeBackMovedTime } from './rehearsal.ts'
import { answerWebhook } from './webhook.ts'
import { shopFigures } from './store.figures.ts'
import { hearOfSettings, stopHearing, takeUpSettingsAtStart } from './settings-in-force.ts'
import { startRounds, stopRounds, walkAllRounds } from './rounds.ts'

/** Connects the modules with each other: the one place that knows all of them. No database needed. */
export function connectModules(): void {
  provideProductKinds(productKinds)
  provideProductExtras(productExtras)
  provideReceiptNotes(agreedNotes)
  provideEnclosureReader(takeUpEnclosure)
  providePayables(payables)
  provideOwing(mayOwe)
  provideSubscriptionMirror(membershipMirror)
  onMailQueued(askForDelivery)
  provideLaterMail('post', postByMail)
  provideLaterMail('reminder', reminderByMail)
}

/** Starts what runs beside requests, and gives the server its handle on it. Called once a process. */
export async function startServices(): Promise<void> {
  connectModules()
  await takeUpSettingsAtStart()
  await openFileStore()
  await startJobs([deliverMail], { workers: true })
  const listening = listen(
    {
      clock: walkAllRounds,
      public_version: doubtPublicVersion,
      shop_setting: hearOfSettings,
    },
    (isConnected) => {
      watchPublicVersion(isConnected)
      if (isConnected) hearOfSettings()
    },
  )
  // Pages of this build may reach a browser that asks another process for their scripts.
  await keepOwnAssets()
  const { settings } = runtime()
  if (settings.stripe.mode === 'rehearsal') {
    await sandboxEndpoint()
    await seedExampleShop()
  }
  await takeBackMovedTime()
  await currentBackend()
  // The embedded database has one process: whoever held a lease was the one before, and is gone.
  if (runtime().databaseKind === 'embedded') await giveBackAllLeases(db('money'))
  startWorker()
  startRounds()
  provideApplication({
    isReady: databaseAnswers,
    publicVersion,
    webhook: answerWebhook,
    formerAsset,
    figures: shopFigures,
    async ownerSetupLink() {
      const token = await inTransaction(prepareOwnerSetup)
      return token && `${settings.origin}/setup/${token}`
    },
    async stop() {
      stopHearing()
      await stopRounds()
      await stopWorker()
      await stopJobs()
      closeTransport()
      await listening.close()
      await closeDatabase()
    },
  })
}
