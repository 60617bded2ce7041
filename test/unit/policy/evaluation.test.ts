import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { PolicyScalar, SourcePosition } from '../../../src/model/control.ts';
import { evaluate, loadPolicy, renderDiagnostics } from '../../../src/policy/index.ts';
import { decodeMemory } from '../../../src/recording/memory.ts';
import { inputOf, type Values } from './support.ts';

/** One line of evaluation.jsonl: the extensions of MOM's language, as data. */
interface Case {
  readonly note: string;
  readonly files: Readonly<Record<string, string>>;
  readonly onError?: 'isolate' | 'abort';
  readonly host?: Values | readonly Values[];
  readonly guests?: Readonly<Record<string, Values | readonly Values[]>>;
  /** Stored variables before the evaluation, by entity. */
  readonly vars?: Readonly<Record<string, Readonly<Record<string, PolicyScalar>>>>;
  /** Stored timers before the evaluation, in the format of recordings. */
  readonly timers?: Parameters<typeof decodeMemory>[0]['timers'];
  /** Whether the order of the requests matters. */
  readonly in_order?: true;
  readonly want: {
    /** `ENTITY NAME=JSON`, and the reason in brackets. */
    readonly controls: readonly string[];
    /** `FILE:LINE:COLUMN GUEST: part of the message`; `-` for no guest, `*` for any column. */
    readonly errors?: readonly string[];
    readonly vars?: readonly string[];
    readonly debug?: readonly string[];
    readonly positions?: readonly string[];
  };
}

const lines = readFileSync(new URL('../../cases/evaluation.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '');
const at = ({ file, line, column }: SourcePosition): string => `${file}:${line}:${column}`;

describe('evaluation.jsonl', () => {
  test.each(lines.map((line) => JSON.parse(line) as Case).map((item) => [item.note, item] as const))(
    '%s',
    (_, item) => {
      const sources = Object.entries(item.files).map(([file, text]) => ({ file, text }));
      const { program, diagnostics } = loadPolicy(sources);
      if (program === null) throw new Error(renderDiagnostics(diagnostics, sources));
      const input = inputOf(item.host, item.guests);
      const memory = decodeMemory({
        host: item.vars?.['Host'] ?? {},
        guests: Object.fromEntries(input.guests.map(({ name, uuid }) => [uuid, item.vars?.[name] ?? {}])),
        timers: item.timers ?? { evaluated: null, host: {}, guests: {} },
      });
      const debug: string[] = [];
      const { decision, writes } = evaluate(program, input, memory, {
        onError: item.onError ?? 'isolate',
        debug: (text, position) => debug.push(`${at(position)} ${text}`),
      });

      const controls = decision.requests.map(({ guest, name, value, reason }) => {
        const why = reason === null ? '' : ` (${reason})`;
        return `${guest?.name ?? 'Host'} ${name}=${JSON.stringify(value)}${why}`;
      });
      const inOrder = item.in_order === true;
      expect(inOrder ? controls : controls.sort()).toEqual(
        inOrder ? item.want.controls : [...item.want.controls].sort(),
      );

      const wantErrors = item.want.errors ?? [];
      expect(decision.errors.map(({ message }) => message)).toHaveLength(wantErrors.length);
      for (const [index, want] of wantErrors.entries()) {
        const [, place = '', guest, message = ''] = /^(\S+) (\S+?)(?:: (.*))?$/.exec(want) ?? [];
        const error = decision.errors[index];
        const got = error?.position ? at(error.position) : '';
        if (place.endsWith('*')) expect(got.startsWith(place.slice(0, -1)), got).toBe(true);
        else expect(got).toBe(place);
        expect(error?.guest?.name ?? '-').toBe(guest);
        expect(error?.message).toContain(message);
        expect(error?.phase).toBe('eval');
      }

      if (item.want.vars) {
        const variables = [
          ...[...writes.host].map(([name, value]) => `Host ${name}=${JSON.stringify(value)}`),
          ...input.guests.flatMap(({ name: guest, uuid }) =>
            [...(writes.guests.get(uuid) ?? [])].map(([name, value]) => `${guest} ${name}=${JSON.stringify(value)}`),
          ),
        ];
        expect(variables.sort()).toEqual([...item.want.vars].sort());
      }
      expect(debug).toEqual(item.want.debug ?? []);
      if (item.want.positions)
        expect(decision.requests.map(({ position }) => at(position))).toEqual(item.want.positions);
    },
  );
});
