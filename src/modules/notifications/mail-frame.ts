import { proseHtml, proseText } from './mail-prose.ts'
import type { MailContent } from '#modules/platform/server/index.ts'

/** Whose mail it is: name and colour of the shop. */
export interface MailIdentity {
  readonly shopName: string
  readonly origin: string
  /** Background of the one button and colour of its words; a readable pair. */
  readonly accent: string
  readonly onAccent: string
}

/**
 * Renders a mail: one column of 600 px in a table (what mail programs understand), system fonts, light and dark,
 * one button whose address is repeated as text, and a plain text part that says the same.
 */
export function renderMail(
  subject: string,
  content: MailContent,
  identity: MailIdentity,
): { html: string; text: string } {
  return { html: html(subject, content, identity), text: text(content, identity) }
}

const ink = '#23201d'
const muted = '#6b645d'
const line = '#e4ddd3'
const fonts = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
const serif = "Georgia,'Times New Roman',serif"

function html(subject: string, content: MailContent, identity: MailIdentity): string {
  const blocks = content.blocks.map((block) => blockHtml(block, identity)).join('')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${escape(subject)}</title>
<style>
@media (prefers-color-scheme: dark) {
  .page { background: #191715 !important; }
  .card { background: #23201d !important; border-color: #3a3530 !important; }
  .ink { color: #f1ece4 !important; } .muted { color: #b0a79c !important; } .line { border-color: #3a3530 !important; }
  .code { background: #2e2a26 !important; color: #f1ece4 !important; }
}
</style></head>
<body class="page" style="margin:0;padding:0;background:#f6f2ec">
<div style="display:none;max-height:0;overflow:hidden">${escape(content.preheader)}</div>
<table role="presentation" width="100%" cellspacing="0" cellpadding="0" class="page" style="background:#f6f2ec"><tr><td align="center" style="padding:32px 16px;word-break:break-word">
<table role="presentation" width="600" cellspacing="0" cellpadding="0" style="width:100%;max-width:600px">
<tr><td class="ink" style="padding:0 8px 20px;font:600 18px/1.3 ${serif};color:${ink}"><a href="${escape(identity.origin)}" class="ink" style="color:${ink};text-decoration:none">${escape(identity.shopName)}</a></td></tr>
<tr><td class="card" style="background:#fffdfa;border:1px solid ${line};border-radius:8px;padding:36px 32px">
<h1 class="ink" style="margin:0 0 16px;font:600 26px/1.25 ${serif};color:${ink}">${escape(content.heading)}</h1>
${blocks}</td></tr>
<tr><td class="muted" style="padding:20px 8px 0;font:13px/1.5 ${fonts};color:${muted}">${escape(content.footnote)}</td></tr>
</table></td></tr></table></body></html>`
}

function blockHtml(block: MailContent['blocks'][number], identity: MailIdentity): string {
  switch (block.kind) {
    case 'text':
      return `<p class="ink" style="margin:0 0 16px;font:16px/1.6 ${fonts};color:${ink}">${escape(block.text)}</p>`
    case 'button':
      return `<table role="presentation" cellspacing="0" cellpadding="0" style="margin:8px 0 10px"><tr><td style="border-radius:6px;background:${identity.accent}"><a href="${escape(block.url)}" style="display:inline-block;padding:13px 24px;font:600 16px/1.2 ${fonts};color:${identity.onAccent};text-decoration:none">${escape(block.label)}</a></td></tr></table>
<p class="muted" style="margin:0 0 20px;font:13px/1.5 ${fonts};color:${muted};word-break:break-all">${escape(block.url)}</p>`
    case 'code':
      return `<p class="code" style="margin:8px 0 20px;padding:16px;border-radius:6px;background:#f1ebe1;font:600 32px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:8px;text-align:center;color:${ink}">${escape(block.code)}</p>`
    case 'table':
      return `<table role="presentation" width="100%" cellspacing="0" cellpadding="0" style="margin:4px 0 20px">${block.rows
        .map((row) => {
          const weight = row.strong ? 600 : 400
          const cell = `class="ink line" style="padding:10px 0;border-top:1px solid ${line};font:${weight} 15px/1.5 ${fonts};color:${ink}`
          return `<tr><td ${cell}">${escape(row.label)}</td><td ${cell};text-align:right;white-space:nowrap;padding-left:16px">${escape(row.value)}</td></tr>`
        })
        .join('')}</table>`
    case 'prose':
      return proseHtml(block.html, { fonts, serif, ink, muted, line })
    case 'later':
      throw new Error('A mail is completed before it is rendered.')
  }
}

function text(content: MailContent, identity: MailIdentity): string {
  const blocks = content.blocks.map((block) => {
    switch (block.kind) {
      case 'text':
        return block.text
      case 'button':
        return `${block.label}:\n${block.url}`
      case 'code':
        return `    ${block.code}`
      case 'table':
        return block.rows.map((row) => `${row.label}: ${row.value}`).join('\n')
      case 'prose':
        return proseText(block.html)
      case 'later':
        throw new Error('A mail is completed before it is rendered.')
    }
  })
  return (
    [
      content.heading,
      ...blocks,
      `-- \n${identity.shopName}\n${identity.origin}\n${content.footnote}`,
    ].join('\n\n') + '\n'
  )
}

function escape(words: string): string {
  return words.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
