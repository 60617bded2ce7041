import { describe, expect, test } from 'vitest';
import type { FieldDecl, FieldValue } from '../../../../src/model/field.ts';
import type { Vocabulary } from '../../../../src/model/vocabulary.ts';
import { runCase } from '../../../../src/cli/handlers/eval-cases.ts';
import { loadPolicy } from '../../../../src/policy/index.ts';
import { momCases } from '../../../support/mom-cases.ts';

// The checker rejects no policy that runs: among all recorded sources it finds errors only in those that fail.

interface Entity {
  readonly props?: Readonly<Record<string, unknown>>;
  readonly stats?: readonly Readonly<Record<string, FieldValue>>[];
}

interface Line {
  readonly note: string;
  readonly policy: string;
  readonly host?: Entity;
  readonly guests?: readonly Entity[];
}

function fieldsOf(entities: readonly Entity[]): FieldDecl[] {
  const samples = entities.flatMap(({ stats = [] }) => stats);
  const names = [...new Set(samples.flatMap((sample) => Object.keys(sample)))];
  return names.map((name): FieldDecl => {
    const values = samples.map((sample) => sample[name] ?? null);
    const type = values.some((value) => typeof value === 'string') ? 'string' : 'number';
    return { name, type, unit: 'KiB', optional: values.includes(null), doc: name, source: 'a case' };
  });
}

function propsOf(entities: readonly Entity[]): string[] {
  return [...new Set(entities.flatMap(({ props = {} }) => Object.keys(props)))];
}

/** The names that a case declares; every control that it names exists. */
function vocabularyOf({ policy, host, guests = [] }: Line): Vocabulary {
  const names = [...new Set([...policy.matchAll(/"([^"]*)"/g)].map((match) => match[1] as string))];
  const control = (scope: 'host' | 'guest') => (name: string) =>
    ({
      name,
      scope,
      type: policy.includes(`"${name}" "`) ? 'string' : 'number',
      unit: 'none',
      doc: name,
      source: 'a case',
    }) as const;
  return {
    hostFields: fieldsOf(host ? [host] : []),
    guestFields: fieldsOf(guests),
    hostProps: propsOf(host ? [host] : []),
    guestProps: propsOf(guests),
    controls: [...names.map(control('host')), ...names.map(control('guest'))],
  };
}

/** Errors that the checker reports in branches that a case never takes. */
const ANYWHERE: ReadonlySet<string> = new Set([
  'unknown-name',
  'unknown-function',
  'unknown-field',
  'unknown-method',
  'unknown-prop',
  'wrong-arity',
  'empty-list',
  'operator-alone',
  'not-callable',
  'bad-parameters',
]);

for (const { file, lines } of momCases()) {
  describe(file, () => {
    test.each(lines.map((line, index) => [index + 1, line] as const))('line %i', (_, line) => {
      const item = JSON.parse(line) as Line;
      const { diagnostics } = loadPolicy([{ file: 'p', text: item.policy }], { vocabulary: vocabularyOf(item) });
      const errors = diagnostics.filter(
        ({ severity, phase, code }) => severity === 'error' && phase === 'check' && !ANYWHERE.has(code),
      );
      const about = `${item.note}\n${item.policy}\n${errors.map(({ message }) => message).join('\n')}`;
      expect(errors.length === 0 || runCase(line).errors.length > 0, about).toBe(true);
    });
  });
}
