import type { Vocabulary } from '../../model/vocabulary.ts';
import type { Diagnostic, Program } from '../../policy/index.ts';

/** Rewrites an error about a field that exists but is not set in the case: suggesting similar fields of the case would mislead. */
export function notGiven(error: Diagnostic, { files }: Program, { hostFields, guestFields }: Vocabulary): Diagnostic {
  const name = error.code === 'unknown-field' ? /^unknown field "([^"]*)"/.exec(error.message)?.[1] : undefined;
  if (name === undefined) return error;
  const { span, position } = error;
  const text = span && files.find(({ file }) => file === position?.file)?.text.slice(span.start, span.end);
  const fields = text?.startsWith('Host.') || text?.startsWith('(Host.') ? hostFields : guestFields;
  if (!fields.some((field) => field.name === name)) return error;
  const { replacement: _, ...rest } = error;
  return { ...rest, message: `the case does not give the field "${name}"`, hint: null };
}
