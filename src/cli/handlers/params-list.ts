import { effectiveOverrides, type Parameters } from '../../parameters/parameters.ts';
import type { SourcePosition } from '../../model/control.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import { escapeControls } from '../../model/text.ts';
import { givenText, written, type BoundOverride, type Program } from '../../policy/index.ts';
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
  const listed = listParams(setup.policies.program, setup.parameters);
  if (json) io.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
  else io.stdout.write(listed.length === 0 ? 'the policies declare no parameters\n' : render(listed));
  return EXIT.ok;
}

interface Listed {
  readonly name: string;
  /** The value for the host and for guests without an override, in policy syntax. */
  readonly value: string;
  readonly default: string;
  readonly unit: string | null;
  readonly min: string | null;
  readonly max: string | null;
  readonly doc: string | null;
  /** Where the value is set: `FILE:LINE`. */
  readonly from: string;
  readonly declared: string;
  readonly overrides: readonly {
    readonly label?: string;
    readonly guests?: string;
    readonly value: string;
    readonly from: string;
  }[];
}

function listParams(program: Program, parameters: Parameters): readonly Listed[] {
  const set = effectiveOverrides(parameters);
  return program.params.map((param) => {
    const { name, value, min, max, doc, nameSpan } = param;
    const overrides = set.filter((override) => override.name === name);
    const forAll = overrides.find(({ target }) => target.kind === 'all');
    const fixed = program.fixed.get(name);
    const declared = place(nameSpan.source.positionAt(nameSpan.start));
    return {
      name,
      value: fixed ? 'fixed by a defvar' : forAll ? givenText(forAll) : written(value),
      default: written(value),
      unit: value.unit,
      min: min && written(min),
      max: max && written(max),
      doc,
      from: fixed ? place(fixed) : forAll ? placeOf(forAll) : declared,
      declared,
      // In order of precedence.
      overrides: [
        ...overrides.filter(({ target }) => target.kind === 'guest'),
        ...overrides.filter(({ target }) => target.kind === 'label'),
      ].map((override) => ({
        ...targetOf(override),
        value: givenText(override),
        from: placeOf(override),
      })),
    };
  });
}

function targetOf({ target }: ParamOverride): { label?: string; guests?: string } {
  if (target.kind === 'label') return { label: target.label };
  return target.kind === 'guest' ? { guests: target.pattern } : {};
}

function place({ file, line }: Pick<SourcePosition, 'file' | 'line'>): string {
  return `${file}:${line}`;
}

function placeOf(
  override: BoundOverride & { readonly file?: string; readonly valuePlace?: { readonly line: number } },
): string {
  const { file, valuePlace } = override;
  return file === undefined || valuePlace === undefined ? 'the command line' : place({ file, line: valuePlace.line });
}

function render(listed: readonly Listed[]): string {
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

function range({ min, max }: Listed): string {
  if (min === null) return max === null ? '' : `at most ${max}`;
  return max === null ? `at least ${min}` : `${min} to ${max}`;
}
