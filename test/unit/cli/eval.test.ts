import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkPolicies } from '../../../src/cli/handlers/check.ts';
import { evaluateExpressions, type EvalOptions } from '../../../src/cli/handlers/eval.ts';
import { exitCodeOf } from '../../../src/cli/support/exit-code-of.ts';
import type { Io } from '../../../src/cli/support/io.ts';
import { VOCABULARY } from '../policy/support.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballast-eval-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

/** The environment of a command: the existing files and the typed lines. */
function environment(files: Readonly<Record<string, string>> = {}, typed = '') {
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const io: Io = {
    stdin: Readable.from([typed]),
    ...streams,
    readFile: (path) => readFile(path, 'utf8'),
  };
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    streams[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text.replaceAll(`${folder}/`, '')));
  // The last write arrives with the next turn of the event loop.
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { io, output, settle };
}

const NOTHING: EvalOptions = { expression: null, file: null, cases: null, recorded: null };

async function run(given: Partial<EvalOptions>, files: Readonly<Record<string, string>> = {}, typed = '') {
  const { io, output, settle } = environment(files, typed);
  const { expression, file, cases } = { ...NOTHING, ...given };
  const options = {
    ...NOTHING,
    expression,
    file: file && at(file),
    cases: cases === null || cases === '-' ? cases : at(cases),
  };
  const code = await exitCodeOf(() => evaluateExpressions(options, io), io);
  await settle();
  return { code, out: output.stdout, err: output.stderr };
}

describe('eval', () => {
  test('evaluates an expression', async () => {
    expect(await run({ expression: '(+ 1 2)' })).toEqual({ code: 0, out: '3\n', err: '' });
  });

  test('prints values in the syntax of the language', async () => {
    const { out } = await run({
      expression: '"a b" nil (< 1 2) (/ 1 3) Host Guests abs (with Guests g g) (def f () 1)',
    });
    expect(out).toBe('"a b"\nnil\ntrue\n0.3333333333333333\nHost\n[]\n(abs A)\n[]\n"f"\n');
  });

  test('prints debug output and errors with their positions to standard error', async () => {
    const { code, out, err } = await run({ expression: '1 (debug "so" 2)\n(+ 1 nil)' });
    expect({ code, out }).toEqual({ code: 1, out: '1\n2\n' });
    expect(err).toBe(
      'so 2\nexpression:2:1: error: + takes two numbers, two texts or two lists, not the number 1 and nil\n  2 | (+ 1 nil)\n    | ^~~~~~~~~\n',
    );
  });

  test('hints at other commands when a field is read', async () => {
    const { code, err } = await run({ expression: 'Host.mem_free' });
    expect(code).toBe(1);
    expect(err).toMatch(
      /hint: eval has no host or guests; --recording FILE --at TIME gives it those of a recording, and .*\n$/,
    );
  });

  test('says how vm becomes a guest', async () => {
    const { code, err } = await run({ expression: 'vm.mem_unused' });
    expect(code).toBe(1);
    expect(err).toContain('hint: --recording FILE --at TIME --guest NAME makes vm a guest of a recording\n');
  });

  test('says that an expression without brackets needs -e', async () => {
    const { io } = environment();
    await expect(evaluateExpressions({ ...NOTHING, file: 'Host.mem_free' }, io)).rejects.toThrow(
      'the policy Host.mem_free cannot be read: there is no such file; an expression without brackets needs -e: ballast eval -e Host.mem_free',
    );
  });

  test('evaluates a file', async () => {
    expect(await run({ file: 'a.policy' }, { 'a.policy': '# six\n(* 2 3)' })).toEqual({ code: 0, out: '6\n', err: '' });
  });

  test('reports a missing file', async () => {
    expect(await run({ file: 'a.policy' })).toEqual({
      code: 2,
      out: '',
      err: 'the policy a.policy cannot be read: there is no such file\n',
    });
  });

  test('reports a parse error', async () => {
    const { code, err } = await run({ expression: '(+ 1 2]' });
    expect(code).toBe(1);
    expect(err).toContain('expression:1:7: error: ] does not match the ( on line 1');
  });

  test('ends an infinite recursion', async () => {
    const { code, err } = await run({ expression: '(def f () (f)) (f)' });
    expect(code).toBe(1);
    expect(err).toContain('calls are nested more than 1000 deep');
  });

  test('rejects two sources at once', async () => {
    expect((await run({ expression: '1', file: 'a' })).code).toBe(2);
  });

  test('accepts entries over several lines, keeps definitions and discards an entry with an error', async () => {
    const typed = '(defvar x 3)\n(+ x\n  4)\n(def f (n) (* n x))\n{ (set x 5) (nosuch) }\n(f 2)\n"two\nlines"\n';
    const { code, out, err } = await run({}, {}, typed);
    expect(out).toBe('3\n7\n"f"\n6\n"two\\nlines"\n');
    expect(err).toContain('entry 4:1:13: error: unknown function "nosuch"');
    expect(code).toBe(1);
  });

  test('does not repeat the debug output of an earlier entry', async () => {
    expect((await run({}, {}, '(debug "one")\n(debug "two")\n')).err).toBe('one\ntwo\n');
  });

  test('reports input that ends in the middle of an entry', async () => {
    const { code, err } = await run({}, {}, '(+ 1\n');
    expect(code).toBe(1);
    expect(err).toContain('this ( is never closed');
  });
});

describe('eval --cases', () => {
  const lines = (out: string) =>
    out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));

  test('prints one result per line, in order, from a file or from standard input', async () => {
    const cases = '{"policy":"(+ 1 2)"}\n{"policy":"\\"a\\""}\n';
    const fromFile = await run({ cases: 'c.jsonl' }, { 'c.jsonl': cases });
    expect(lines(fromFile.out).map(({ results }) => results)).toEqual([[3], ['a']]);
    expect(await run({ cases: '-' }, {}, cases)).toEqual(fromFile);
  });

  test('prints results, controls, variables and errors', async () => {
    const line = JSON.stringify({
      policy:
        '(Host.Control "x" 1) (with Guests g { (g.Control "t" g.m) (g.SetVar "n" 2) g }) (* 1e308 10) (- 0 (* 1e308 10)) (with Guests g (+ 1 g.z))',
      host: { stats: [{ a: 1 }], props: {}, vars: { old: 1 } },
      guests: [{ stats: [{ m: 3, z: null }], props: { name: 'web', uuid: 'u' }, vars: { old: [1, 'two'] } }],
    });
    const { out, code } = await run({ cases: '-' }, {}, line);
    expect(code).toBe(0);
    expect(lines(out)).toEqual([
      {
        results: [null, [{ entity: 'web' }], { num: 'inf' }, { num: '-inf' }, [null]],
        host_controls: { x: 1 },
        guest_controls: [{}],
        host_vars: { old: 1 },
        guest_vars: [{ old: [1, 'two'] }],
        errors: [
          {
            phase: 'eval',
            message:
              '+ takes two numbers, two texts or two lists, not the number 1 and nil; g.z is nil; test it first: (if (valid g.z) … …)',
            line: 1,
            column: 128,
            guest: 'web',
          },
        ],
      },
    ]);
    expect(Object.keys(lines(out)[0])).toEqual([
      'results',
      'host_controls',
      'guest_controls',
      'host_vars',
      'guest_vars',
      'errors',
    ]);
  });

  test('reports an invalid line as an error and continues with the next', async () => {
    const bad = [
      '{',
      '5',
      '{}',
      '{"policy":1}',
      '{"policy":"1","guests":{}}',
      '{"policy":"1","host":{"stats":[{"a":[]}]}}',
      '{"policy":"(+ 1"}',
    ];
    const { out, code } = await run({ cases: '-' }, {}, [...bad, '{"policy":"7"}'].join('\n'));
    expect(code).toBe(0);
    const results = lines(out);
    expect(results).toHaveLength(bad.length + 1);
    for (const result of results.slice(0, -1)) {
      expect(result.results).toEqual([]);
      expect(result.errors).toHaveLength(1);
      expect(result.errors[0].phase).toBe('parse');
    }
    expect(results.at(-1).results).toEqual([7]);
  });

  test('evaluates a whole file of recorded cases', async () => {
    const cases = readFileSync(new URL('../../cases/entities.jsonl', import.meta.url), 'utf8');
    const { out } = await run({ cases: 'entities.jsonl' }, { 'entities.jsonl': cases });
    expect(lines(out)).toHaveLength(240);
  });
});

describe('check', () => {
  async function check(files: Readonly<Record<string, string>>, json = false) {
    const { io, output, settle } = environment(files);
    const code = await checkPolicies({ paths: Object.keys(files).map(at), json }, io, VOCABULARY);
    await settle();
    return { code, out: output.stdout, err: output.stderr };
  }

  test('passes a correct policy', async () => {
    expect(await check({ a: '(defvar x 1)', b: 'x' })).toEqual({
      code: 0,
      out: '2 files: no mistakes found\n',
      err: '',
    });
  });

  test('reports all errors of all files, with line, caret and hint', async () => {
    const { code, out } = await check({ a: '(with Guests g g.balloon_kur)', b: '\n(if 1 2)' });
    expect(code).toBe(1);
    expect(out).toBe(
      [
        'a:1:16: error: unknown field "balloon_kur"; did you mean "balloon_cur"?',
        '  1 | (with Guests g g.balloon_kur)',
        '    |                ^~~~~~~~~~~~~',
        'b:2:1: error: "if" takes 3 arguments; 2 given',
        '  2 | (if 1 2)',
        '    | ^~~~~~~~',
        '  hint: (if CONDITION THEN ELSE)',
        '2 files: 2 errors',
        '',
      ].join('\n'),
    );
  });

  test('does not fail for a warning', async () => {
    const { code, out } = await check({ a: '(def max (a) a)' });
    expect(code).toBe(0);
    expect(out).toContain('1 file: 1 warning');
  });

  test('prints JSON', async () => {
    const { code, out } = await check({ a: '(nosuch)' }, true);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual([
      {
        file: 'a',
        line: 1,
        column: 1,
        endLine: 1,
        endColumn: 9,
        severity: 'error',
        code: 'unknown-function',
        message: 'unknown function "nosuch"',
        hint: null,
      },
    ]);
  });

  test('reports a missing file', async () => {
    const { io, output, settle } = environment({});
    const work = () => checkPolicies({ paths: [at('gone.policy')], json: false }, io, VOCABULARY);
    expect(await exitCodeOf(work, io)).toBe(2);
    await settle();
    expect(output.stderr).toBe('the policy gone.policy cannot be read: there is no such file\n');
  });
});
