import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runPolicyTests, type TestCommandOptions } from '../../../src/cli/handlers/test.ts';
import { exitCodeOf } from '../../../src/cli/support/exit-code-of.ts';
import { builtinPlugins } from '../../../src/compose/plugins.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { recordSmall } from '../../support/recordings.ts';

const POLICY = '(with Guests g (if (< g.mem_unused 100MiB) (g.Control "balloon_target" (* 2 g.balloon_cur)) 0))\n';
const HEAD = 'policy: p.policy\ndefaults: {guest: {balloon_cur: 1GiB, mem_unused: 50MiB}, guests: {web: {}}}\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballast-test-'));
  writeFileSync(join(folder, 'p.policy'), POLICY);
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(text: string, options: Partial<TestCommandOptions> = {}) {
  const io = capturedIo();
  const file = join(folder, 'p.test.yaml');
  writeFileSync(file, text);
  const { vocabulary } = builtinPlugins();
  const all = {
    files: [file],
    filter: null,
    coverage: false,
    minCoverage: null,
    junit: null,
    json: false,
    clock: () => 0,
    ...options,
  };
  const code = await exitCodeOf(() => runPolicyTests(all, io, vocabulary), io);
  const plain = (output: string) => output.replaceAll(`${folder}/`, '');
  return { code, stdout: plain(io.stdout.text), stderr: plain(io.stderr.text) };
}

describe('ballast test', () => {
  it('does not suggest another name for a field that exists but has no value', async () => {
    writeFileSync(join(folder, 'p.policy'), '(with Guests g (g.Control "balloon_target" g.balloon_max))');
    const { code, stdout } = await run(
      'policy: p.policy\ncases: [{name: a, guests: {web: {balloon_cur: 1GiB}}, expect: nothing}]',
    );
    expect(code).toBe(1);
    expect(stdout).toContain('the case does not give the field "balloon_max"');
    expect(stdout).not.toContain('did you mean');
  });

  it('reports errors in the test file and in its policy together', async () => {
    const { code, stderr } = await run('policy: none.policy\ncases: [{name: a, expct: nothing}]');
    expect(code).toBe(2);
    expect(stderr).toBe(
      'p.test.yaml:2:19: unknown key "expct" in cases[0]; did you mean "expect"?\nthe policy none.policy cannot be read: there is no such file\n',
    );
  });

  it('accepts a policy in the place of its tests', async () => {
    const { code, stderr } = await run('# what it does\n\n(defvar x 1)\n');
    expect(code).toBe(2);
    expect(stderr).toBe('p.test.yaml: looks like a policy; policy tests are YAML files named NAME.test.yaml\n');
  });

  it('passes when the policy does what is expected', async () => {
    const result = await run(
      `${HEAD}cases: [{name: doubles, expect: {guests: {web: {balloon_target: 2GiB}}}}, {name: rests, guests: {web: {mem_unused: 1GiB}}, expect: nothing}]`,
    );
    expect(result).toEqual({ code: 0, stdout: 'p.test.yaml: 2 passed\n\n2 passed, 0 failed\n', stderr: '' });
  });

  it('reports the expected value, the actual value and the difference', async () => {
    const { code, stdout } = await run(
      `${HEAD}cases:\n  - name: doubles\n    expect: {guests: {web: {balloon_target: 2.5GiB ± 1%}}}\n`,
    );
    expect(code).toBe(1);
    expect(stdout).toContain(
      'FAIL p.test.yaml:4 doubles\n  guest web: balloon_target is 2097152 (2 GiB); expected 2.5GiB ± 1%: 486.4 MiB too little, because g.mem_unused < 100MiB (p.policy:1:44)\n',
    );
  });

  it('gives statistics over days what a case says of the past', async () => {
    writeFileSync(
      join(folder, 'p.policy'),
      '(with Guests g (g.Control "balloon_target" (default (g.StatSameHour "mem_unused" 95%) g.balloon_cur)))',
    );
    const { stdout } = await run(`${HEAD}cases:
  - {name: known, guests: {web: {past: {mem_unused: 100MiB}}}, expect: {guests: {web: {balloon_target: 100MiB}}}}
  - {name: unknown, expect: {guests: {web: {balloon_target: 1GiB}}}}
`);
    expect(stdout).toContain('2 passed, 0 failed');
  });

  it('rejects a past that is no number', async () => {
    const { stderr } = await run(`${HEAD}cases:
  - {name: a, host: {past: {mem_fre: 1}}, expect: nothing}
  - {name: b, guests: {web: {past: {mem_unused: 5%}}}, expect: nothing}
`);
    expect(stderr).toContain('did you mean "mem_free"?');
    expect(stderr).toContain('"5%" is not a number of KiB');
  });

  it('fails for an unexpected control and for a missing one', async () => {
    const { stdout } = await run(
      `${HEAD}cases: [{name: a, expect: nothing}, {name: b, guests: {web: {mem_unused: 1GiB}}, expect: {guests: {web: {balloon_target: any}}}}]`,
    );
    expect(stdout).toContain('guest web: balloon_target was set to 2097152 (2 GiB); nothing was expected');
    expect(stdout).toContain('guest web: balloon_target was not set; expected any value');
  });

  it('underlines an unexpected policy error and names the missing field', async () => {
    const { code, stdout } = await run(
      'policy: p.policy\ncases: [{name: a, guests: {web: {balloon_cur: 1GiB}}, expect: nothing}]',
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /p\.policy:1:23: error: the case does not give the field "mem_unused" \(guest web\)\n[^]*\^~~[^]*set a value, or null for nil/,
    );
  });

  it('expects errors by their text and guest', async () => {
    const one = `${HEAD}cases: [{name: a, guests: {web: {swap_in: null}}, expect: {errors: [{guest: web, message: and nil}]}}]`;
    writeFileSync(join(folder, 'p.policy'), '(with Guests g (+ 1 g.swap_in))');
    expect(await run(one)).toMatchObject({ code: 0 });
    expect((await run(one.replace('and nil', 'division'))).stdout).toContain(
      'no error of guest web has "division" in it',
    );
  });

  it('lets time pass, keeping samples, variables and hold times', async () => {
    writeFileSync(
      join(folder, 'p.policy'),
      '(with Guests g (if (held-for "low" (< (g.StatMin "mem_unused") 100MiB) 30s) (g.Control "balloon_target" 1GiB) 0))',
    );
    const intervals =
      '[{expect: nothing}, {after: 20s, expect: nothing}, {after: 10s, expect: {guests: {web: {balloon_target: 1GiB}}}}, {guests: {web: null}, expect: nothing}]';
    expect(await run(`${HEAD}cases: [{name: a, intervals: ${intervals}}]`)).toMatchObject({ code: 0 });
    const { stdout } = await run(
      `${HEAD}cases: [{name: a, intervals: ${intervals.replace('after: 20s', 'after: 30s')}}]`,
    );
    expect(stdout).toContain('  interval 2 (p.test.yaml:3)\n    guest web: balloon_target was set');
  });

  it('runs each row of a table as a case', async () => {
    const { code, stdout } = await run(
      `${HEAD}cases: [{name: a, for: [{cur: 1GiB, to: 2GiB}, {cur: 2GiB, to: 5GiB}], guests: {web: {balloon_cur: "\${cur}"}}, expect: {guests: {web: {balloon_target: "\${to}"}}}}]`,
    );
    expect(code).toBe(1);
    expect(stdout).toContain('1 failed, 1 passed');
    expect(stdout).toContain('FAIL p.test.yaml:3 a (cur: 2GiB, to: 5GiB)');
  });

  it('takes a snapshot from a recording', async () => {
    const recording = join(process.cwd(), 'test/recordings/demo.jsonl.gz');
    writeFileSync(join(folder, 'p.policy'), '(if (> Host.mem_free 0) (Host.Control "ksm_run" 1) 0)');
    expect(
      await run(
        `policy: p.policy\ncases: [{name: a, recording: {file: ${recording}, at: +1min}, expect: {host: {ksm_run: 1}}}, {name: b, recording: {file: ${recording}, at: +1min}, host: {mem_free: 0}, expect: nothing}]`,
      ),
    ).toMatchObject({ code: 0, stderr: '' });
    const late = await run(
      `policy: p.policy\ncases: [{name: a, recording: {file: ${recording}, at: +9h}, expect: nothing}]`,
    );
    expect(late).toMatchObject({ code: 2 });
    expect(late.stderr).toMatch(
      /^p\.test\.yaml:2: nothing was evaluated at \d{4}\S+Z or just before: the policy is evaluated from /,
    );
  });

  it('continues from a recorded snapshot with its samples and the memory of the policy', async () => {
    const recording = join(folder, 'small.jsonl');
    await recordSmall(recording, { intervals: 5 });
    writeFileSync(
      join(folder, 'p.policy'),
      `(defvar n (+ 1 (if (null (Host.GetVar "n")) 0 (Host.GetVar "n")))) (Host.SetVar "n" n)
      (Host.SetVar "rate" (Host.StatRate "ksm_pages_sharing")) (with Guests g (g.Control "balloon_target" (g.StatMin "mem_unused")))`,
    );
    const guests = 'guests: {web-1: {balloon_target: 512MiB}, db-1: {balloon_target: 512MiB}}';
    const test = `cases:
  - name: a
    recording: {file: small.jsonl, at: +20s}
    intervals:
      - expect: {${guests}, vars: {host: {n: 3, rate: 100}}}
      - {after: 20s, host: {ksm_pages_sharing: 2000}, guests: {db-1: {mem_unused: 1MiB}}, expect: {guests: {web-1: {balloon_target: 512MiB}, db-1: {balloon_target: 1MiB}}, vars: {host: {n: 4, rate: 50}}}}
`;
    expect(await run(`policy: p.policy\n${test}`)).toEqual({
      code: 0,
      stdout: 'p.test.yaml: 1 passed\n\n1 passed, 0 failed\n',
      stderr: '',
    });
    const typo = await run(
      `policy: p.policy\ncases: [{name: a, recording: {file: small.jsonl, at: +20s}, guests: {wb-1: {mem_unused: 0}}, expect: {others: any}}]`,
    );
    expect(typo.stdout).toContain('there is no guest wb-1; there are web-1, db-1');
  });

  it('reads a truncated recording up to its last complete line and reports it once', async () => {
    const recording = join(folder, 'small.jsonl');
    await recordSmall(recording, { intervals: 5 });
    const text = readFileSync(recording, 'utf8');
    writeFileSync(recording, text.slice(0, text.length - 50));
    writeFileSync(join(folder, 'p.policy'), '(if (> Host.mem_free 0) (Host.Control "ksm_run" 1) 0)');
    const at = (time: string) =>
      `{name: ${time}, recording: {file: small.jsonl, at: +${time}}, expect: {host: {ksm_run: 1}}}`;
    const { code, stderr } = await run(`policy: p.policy\ncases: [${at('10s')}, ${at('30s')}]`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^warning: small\.jsonl[^\n]*\n$/) });
    writeFileSync(recording, '');
    expect((await run(`policy: p.policy\ncases: [${at('10s')}]`)).stderr).toBe(
      'p.test.yaml:2: small.jsonl: the recording is empty or its first line is incomplete\n',
    );
  });

  it('sets parameters, those of the case before those of the file, also for labels and guests', async () => {
    writeFileSync(
      join(folder, 'p.policy'),
      '(param step 5% "step" :min 1% :max 20%)\n(with Guests g (g.Control "balloon_target" (* 1000 step)))',
    );
    const expected = (web: number, db: number) =>
      `expect: {guests: {web: {balloon_target: ${web}}, db: {balloon_target: ${db}}}}`;
    const head = 'policy: p.policy\nparams: {step: 10%}\ndefaults: {guests: {web: {}, db: {labels: [gold]}}}\n';
    expect(
      await run(`${head}cases:
  - {name: of the file, ${expected(100, 100)}}
  - {name: of the case, params: {step: 20%}, ${expected(200, 200)}}
  - {name: by label, params: {step: {labels: {gold: 1%}}}, ${expected(100, 10)}}
  - {name: by name, params: {step: {guests: {"w*": 2%}}}, ${expected(20, 100)}}
  - {name: by row, for: [{step: 3%}], params: {step: "\${step}"}, ${expected(30, 30)}}
`),
    ).toMatchObject({ code: 0, stderr: '' });
    const wrong = await run(
      'policy: p.policy\nparams: {stp: 10%}\ncases:\n  - {name: a, params: {step: 90%}, expect: nothing}\n  - {name: b, expect: nothing}',
    );
    expect(wrong).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'p.test.yaml:2:10: unknown parameter "stp"; did you mean "step"?\np.test.yaml:4:30: step: 90% is outside the range: 1% to 20%\n',
    });
  });

  it('reports the warnings of a policy once', async () => {
    writeFileSync(join(folder, 'p.policy'), '(def f (a) 1)\n(f 2)\n');
    const { code, stderr } = await run(
      'policy: p.policy\ncases: [{name: a, expect: nothing}, {name: b, expect: nothing}]',
    );
    expect({ code, count: stderr.split('warning:').length - 1 }).toEqual({ code: 0, count: 1 });
  });

  it('reports the errors of all files before any case runs', async () => {
    const other = join(folder, 'other.test.yaml');
    writeFileSync(other, 'policy: none.policy\ncases: [{name: a, expect: nothing}]');
    const { code, stdout, stderr } = await run(`${HEAD}cases: []`, {
      files: [join(folder, 'p.test.yaml'), other, join(folder, 'p.test.yaml')],
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      'p.test.yaml:3:8: cases has no cases\nother.test.yaml:1:9: the policy none.policy cannot be read: there is no such file\n',
    );
  });

  it('runs the test files of a directory, each once', async () => {
    const text = `${HEAD}cases: [{name: doubles, expect: {guests: {web: {balloon_target: 2GiB}}}}]`;
    expect(await run(text, { files: [folder, join(folder, 'p.test.yaml')] })).toMatchObject({
      code: 0,
      stdout: 'p.test.yaml: 1 passed\n\n1 passed, 0 failed\n',
    });
    const empty = mkdtempSync(join(tmpdir(), 'ballast-test-'));
    expect(await run(text, { files: [empty] })).toMatchObject({
      code: 2,
      stderr: `${empty} has no *.test.yaml file\n`,
    });
    rmSync(empty, { recursive: true });
    expect(await run(text, { files: [join(folder, 'none')] })).toMatchObject({
      code: 2,
      stderr: 'none cannot be read: there is no such file\n',
    });
  });

  it('runs only the selected cases', async () => {
    const text = `${HEAD}cases: [{name: doubles, expect: {guests: {web: {balloon_target: 2GiB}}}}, {name: fails, expect: nothing}]`;
    expect(await run(text, { filter: 'doub' })).toMatchObject({
      code: 0,
      stdout: 'p.test.yaml: 1 passed\n\n1 passed, 0 failed\n',
    });
    expect(await run(text, { filter: 'x' })).toEqual({ code: 2, stdout: '', stderr: 'no case name contains "x"\n' });
  });

  it('prints the results as JSON', async () => {
    const { code, stdout } = await run(
      `${HEAD}cases: [{name: doubles, expect: {guests: {web: {balloon_target: 2GiB}}}}, {name: fails, expect: nothing}]`,
      { json: true },
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      passed: 1,
      failed: 1,
      cases: [
        { file: 'p.test.yaml', line: 3, name: 'doubles', ok: true, failures: [] },
        {
          name: 'fails',
          ok: false,
          failures: [
            { interval: null, line: 3, differences: [expect.stringContaining('nothing was expected')], errors: [] },
          ],
        },
      ],
      coverage: [{ file: 'p.policy', branches: { total: 3, taken: 2 } }],
    });
  });

  it('adds up the coverage and can require a minimum', async () => {
    const half = `${HEAD}cases: [{name: doubles, expect: {guests: {web: {balloon_target: 2GiB}}}}]`;
    const { code, stdout, stderr } = await run(half, { coverage: true, minCoverage: 100 });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^!! 1 \| \(with Guests g .* {2}<- the condition was never false; never ran: 0$/m);
    expect(stdout).toMatch(/^p\.policy +\d+(?:\.\d)?% +66\.6% +2 of 3$/m);
    expect(stderr).toContain('p.policy: 66.6% branch coverage; at least 100% required');
  });

  it('writes a report for CI servers', async () => {
    const report = join(folder, 'report.xml');
    await run(`${HEAD}cases: [{name: "a <b> & \\u0007", expect: nothing}]`, { junit: report });
    const xml = readFileSync(report, 'utf8');
    expect(xml).toContain('tests="1" failures="1"');
    expect(xml).toContain('name="a &lt;b&gt; &amp; \ufffd"');
    expect(
      await run(`${HEAD}cases: [{name: a, expect: nothing}]`, { junit: join(folder, 'none', 'r.xml') }),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot be written: it, or the directory for it, is not there'),
    });
  });

  it.each([
    ['cases: []', 'p.test.yaml:3:8: cases has no cases'],
    ['cases: [{name: a}]', 'p.test.yaml:3:9: cases[0]: has no expectations: add expect, which can be "nothing"'],
    [
      'cases: [{name: a, host: {mem_fre: 1}, expect: nothing}]',
      'p.test.yaml:3:26: unknown key "mem_fre" in cases[0].host; did you mean "mem_free"?',
    ],
    [
      'cases: [{name: a, expect: {guests: {web: {balloon_targt: 1}}}}]',
      'p.test.yaml:3:43: unknown key "balloon_targt" in cases[0].expect.guests.web; did you mean "balloon_target"?',
    ],
    ['cases: [{name: a, expct: nothing}]', 'p.test.yaml:3:19: unknown key "expct" in cases[0]; did you mean "expect"?'],
    [
      'cases: [{name: a, host: {mem_free: 5s}, expect: nothing}]',
      'p.test.yaml:3:36: cases[0].host.mem_free: "5s" is not a number of KiB, such as 524288 or 512MiB',
    ],
    [
      'cases: [{name: a, host: {mem_free: null}, expect: nothing}]',
      'p.test.yaml:3:36: cases[0].host.mem_free is never nil: Ballast keeps',
    ],
    [
      'cases: [{name: a, for: [{x: 1}], host: {mem_free: "${y}"}, expect: nothing}]',
      'p.test.yaml:3:51: cases[0].host.mem_free: ${y} is undefined: the row has no y; it has x (row 1 of "for")',
    ],
    ['cases: [{name: a, expect: {guests: {web: {balloon_target: 1GiB ± 5s}}}}]', 'is not a number of KiB'],
    ['cases: [{name: a, intervals: [{after: soon, expect: nothing}]}]', '"soon" is not a duration'],
    ['cases: [{name: a, recording: {file: none.jsonl, at: +1s}, expect: nothing}]', 'none.jsonl'],
  ])('reports errors in the test file: %s', async (text, message) => {
    const { code, stderr } = await run(`${HEAD}${text}`);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('reports how a plain number for a parameter was read', async () => {
    writeFileSync(join(folder, 'p.policy'), '(param room 1GiB) (debug room)');
    const { code, stderr } = await run(
      'policy: p.policy\nparams: {room: 5}\ncases: [{name: a, expect: nothing}, {name: b, expect: nothing}]',
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'warning: p.test.yaml:2:16: room: 5 is taken as 5 KiB; write 5KiB or 5GiB\n',
    });
  });

  it('reports all errors in recordings before any case runs', async () => {
    await recordSmall(join(folder, 'small.jsonl'), { intervals: 2 });
    const at = (name: string, file: string, moment: string) =>
      `  - {name: ${name}, recording: {file: ${file}, at: ${moment}}, expect: {others: any}}`;
    const text = [
      'policy: p.policy',
      'cases:',
      '  - {name: runs, expect: nothing}',
      at('a', 'none.jsonl', '+1s'),
      at('b', 'small.jsonl', '+9h'),
      at('c', 'none.jsonl', '+2s'),
    ].join('\n');
    const { code, stdout, stderr } = await run(text);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n').map((line) => line.slice(0, 14))).toEqual([
      'p.test.yaml:4:',
      'p.test.yaml:5:',
      'p.test.yaml:6:',
      '',
    ]);
  });

  it('reports a policy that is unreadable or invalid', async () => {
    expect((await run(`policy: q.policy\ncases: [{name: a, expect: nothing}]`)).stderr).toContain(
      'q.policy cannot be read: there is no such file',
    );
    writeFileSync(join(folder, 'p.policy'), '(if 1 2)');
    expect((await run(`${HEAD}cases: [{name: a, expect: nothing}]`)).stderr).toContain(
      'p.policy:1:1: error: "if" takes 3 arguments; 2 given',
    );
  });
});
