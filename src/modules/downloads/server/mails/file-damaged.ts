import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'

/** To the owner, once each time a file turns out to be damaged. productId: of the download it belongs to, if it is one. */
export function fileDamagedMail(damaged: {
  readonly to: string
  readonly fileId: string
  readonly since: Date
  readonly fileName: string
  readonly damage: string
  readonly productId: string | undefined
}): OutgoingMail {
  const { origin } = runtime().settings
  return {
    template: 'file_damaged',
    entityKey: `${damaged.fileId}:${damaged.since.getTime()}`,
    to: damaged.to,
    subject: `A file of your shop is damaged: ${damaged.fileName}`,
    content: {
      preheader: 'Buyers are told that it is being fixed; nobody gets wrong bytes.',
      heading: 'A file is not what it was',
      blocks: [
        {
          kind: 'text',
          text: `“${damaged.fileName}” was found to be damaged where your shop keeps its files: ${damaged.damage}. It is not handed out any more; buyers read that it is being fixed.`,
        },
        {
          kind: 'text',
          text: 'Upload the same file again, or restore it from your backup. Your shop looks again every hour and opens it by itself once it is right.',
        },
        {
          kind: 'button',
          label: 'Put it right',
          url: damaged.productId
            ? `${origin}/admin/products/${damaged.productId}#contents`
            : `${origin}/admin/downloads`,
        },
      ],
      footnote: 'You get this mail because you own this shop. It is sent once for this damage.',
    },
  }
}
