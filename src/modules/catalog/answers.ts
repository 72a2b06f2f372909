import { manyLines, oneLine } from '#modules/platform/plain-text.ts'
import type { Question } from './types.ts'

export interface Answer {
  readonly questionId: string
  readonly question: string
  readonly answer: string
}

const longest = { line: 300, lines: 5_000 } as const

/** The field of the form that holds the answer to it. */
export function answerField(questionId: string): string {
  return `answer_${questionId}`
}

/**
 * Reads a buyer's answers. Refused with words for each question that must be answered and was not, or was with something else
 * than could be chosen. An empty answer to what need not be answered is none.
 */
export function readAnswers(
  questions: readonly Question[],
  typed: (field: string) => string,
):
  | { readonly ok: true; readonly answers: readonly Answer[] }
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> } {
  const errors: Record<string, string> = {}
  const answers: Answer[] = []
  for (const question of questions) {
    const field = answerField(question.id)
    const answer = readAnswer(question, typed(field))
    if (answer.error !== undefined) errors[field] = answer.error
    else if (answer.text !== '')
      answers.push({ questionId: question.id, question: question.question, answer: answer.text })
  }
  return Object.keys(errors).length === 0 ? { ok: true, answers } : { ok: false, errors }
}

function readAnswer(
  question: Question,
  typed: string,
): { readonly text: string; readonly error?: never } | { readonly error: string } {
  switch (question.answerKind) {
    case 'yes_no': {
      const isYes = typed === 'yes'
      if (question.isRequired && !isYes) return { error: 'Please tick this to go on.' }
      return { text: isYes ? 'Yes' : 'No' }
    }
    case 'choice':
      if (question.choices.includes(typed)) return { text: typed }
      return question.isRequired || typed !== '' ? { error: 'Please choose one.' } : { text: '' }
    case 'line':
    case 'lines': {
      const most = longest[question.answerKind]
      const text = question.answerKind === 'line' ? oneLine(typed) : manyLines(typed)
      if (text === '') return question.isRequired ? { error: 'Please answer this.' } : { text }
      return text.length > most
        ? { error: `Please shorten this to ${most.toLocaleString('en')} characters.` }
        : { text }
    }
  }
}
