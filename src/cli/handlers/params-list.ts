import { listParameters as list, type ListedParameter } from '../../parameters/list.ts';
import { escapeControls, escapeJson } from '../../model/text.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { parametersSetup } from '../support/policy-setup.ts';
import { table } from '../support/table.ts';

export interface ParamsOptions {
  readonly config: string | null;
  readonly policies: readonly string[];
  readonly json: boolean;
}

/**
 * `ballast params`: lists the parameters that the policies declare, with the values currently in the files.
 * @throws SetupError
 */
export async function listParameters({ config, policies, json }: ParamsOptions, io: Io): Promise<number> {
  const setup = await parametersSetup({ configPath: config, policies }, io);
  io.stderr.write(setup.warnings);
  const listed = list(setup.policies.program, setup.parameters);
  if (json) io.stdout.write(`${escapeJson(JSON.stringify(listed, null, 2))}\n`);
  else io.stdout.write(listed.length === 0 ? 'the policies declare no parameters\n' : render(listed));
  return EXIT.ok;
}

function render(listed: readonly ListedParameter[]): string {
  const rows = listed.flatMap((param) => [
    [param.name, param.value, param.default, range(param), param.from],
    ...param.overrides.map(({ label, guests, value, from }) => [
      label === undefined ? `  guests ${guests}` : `  label ${label}`,
      value,
      '',
      '',
      from,
    ]),
  ]);
  const columns = ['parameter', 'value', 'default', 'range', 'from'].map((title) => ({
    title,
    align: 'left' as const,
  }));
  const documented = listed.filter(({ doc }) => doc !== null);
  const docs = documented.map(({ name, doc }) => `${name}: ${escapeControls(doc ?? '')}\n`);
  return `${table(
    columns,
    rows.map((row) => row.map(escapeControls)),
  )}${docs.length > 0 ? '\n' : ''}${docs.join('')}`;
}

function range({ min, max }: ListedParameter): string {
  if (min === null) return max === null ? '' : `at most ${max}`;
  return max === null ? `at least ${min}` : `${min} to ${max}`;
}
