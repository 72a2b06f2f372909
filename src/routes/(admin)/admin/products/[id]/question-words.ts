import type { Question } from '#modules/catalog/types.ts'

/** How a question is answered, as the owner chooses it. */
export const answerKinds = {
  line: 'A line of text',
  lines: 'Several lines of text',
  choice: 'One of several choices',
  yes_no: 'A tick: yes or no',
} as const satisfies Record<Question['answerKind'], string>

/** "One of several choices: S, M, L; may be left empty" */
export function questionWords(question: Question): string {
  const kind = answerKinds[question.answerKind]
  const choices = question.choices.length > 0 ? `: ${question.choices.join(', ')}` : ''
  return kind + choices + (question.isRequired ? '' : '; may be left empty')
}
