import { EXIT } from '../../../src/cli/support/exit-codes.ts';
import type { Io } from '../../../src/cli/support/io.ts';
import { table } from '../../../src/cli/support/table.ts';
import type { Vocabulary } from '../../../src/model/vocabulary.ts';
import { OperatorError } from '../../../src/support/operator-error.ts';

/**
 * `ballast fields`: the fields of the host and of guests with a matching name.
 * @throws OperatorError when no field matches
 */
export async function listFields(
  { text, json }: { readonly text: string; readonly json: boolean },
  io: Io,
  { hostFields, guestFields }: Vocabulary,
): Promise<number> {
  const found = [
    ...hostFields.map(({ name, unit }) => ({ entity: 'host', name, unit })),
    ...guestFields.map(({ name, unit }) => ({ entity: 'guest', name, unit })),
  ].filter(({ name }) => name.includes(text));
  if (found.length === 0) throw new OperatorError(`no field has ${JSON.stringify(text)} in its name`);
  const columns = ['of', 'field', 'unit'].map((title) => ({ title, align: 'left' as const }));
  const rows = found.map(({ entity, name, unit }) => [entity, name, unit]);
  io.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : table(columns, rows));
  return EXIT.ok;
}
