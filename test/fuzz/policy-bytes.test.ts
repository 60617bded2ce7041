import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { MAX_POLICY_BYTES } from '../../src/policy-files/read.ts';
import { capturedIo } from '../support/captured-io.ts';
import { recordSmall } from '../support/recordings.ts';

let folder: string;
let policy: string;
let commands: readonly (readonly string[])[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-verdict-'));
  const [recording, tests, config] = ['r.jsonl', 'p.test.yaml', 'ballast.yaml'].map((name) => join(folder, name));
  policy = join(folder, 'p.policy');
  await recordSmall(recording!, { intervals: 3 });
  await writeFile(
    tests!,
    'policy: p.policy\ncases: [{name: a, guests: {web: {balloon_cur: 1GiB}}, expect: nothing}]\n',
  );
  await writeFile(config!, 'policy: p.policy\n');
  commands = [
    ['check', policy],
    ['check', '--json', policy],
    ['fmt', '--diff', policy],
    ['eval', policy],
    ['test', tests!],
    ['params', '--policy', policy],
    ['params', '--config', config!],
    ['replay', '--quiet', recording!, '--policy', policy],
    ['explain', recording!, '--at', '+0s', '--policy', policy],
  ];
});
afterAll(() => rm(folder, { recursive: true }));

async function ballast(args: readonly string[]) {
  const io = capturedIo();
  const signals = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };
  const code = await buildProgram(io, signals)(args);
  return { code, output: io.stdout.text + io.stderr.text };
}

/** The errors that a command reports for the file, including a file that cannot be read. */
function errorsIn(args: readonly string[], output: string): readonly string[] {
  if (args.includes('--json') && output.startsWith('[')) {
    const found = JSON.parse(output) as {
      file: string;
      line: number;
      column: number;
      severity: string;
      message: string;
    }[];
    return found
      .filter(({ severity }) => severity === 'error')
      .map((item) => `${item.file}:${item.line}:${item.column}: error: ${item.message}`);
  }
  return output.split('\n').filter((line) => /^\S+:\d+:\d+: error: |^the policy \S+ cannot be read: /.test(line));
}

async function verdicts(file: string, among: readonly (readonly string[])[]): Promise<void> {
  const [first, ...others] = await Promise.all(
    among.map(async (args) => {
      const { code, output } = await ballast(args);
      const found = errorsIn(args, output);
      expect(code === 0, `${args.join(' ')}: ${output}`).toBe(found.length === 0);
      return found;
    }),
  );
  for (const other of others) expect(other, file).toEqual(first);
}

const piece = fc.oneof(
  fc.constantFrom(
    '# ä\r',
    '# é\n',
    '(defvar a 1)\r\n',
    '"text\r"',
    '\r',
    '\0',
    '\ufeff',
    '\ufffd',
    '(',
    '# \u{1f600}\n',
  ),
  fc.constantFrom(0x80, 0xc3, 0xe4, 0xfe, 0xff).map((byte) => Uint8Array.of(byte)),
);
const bytes = fc
  .array(piece, { maxLength: 6 })
  .map((parts) => Buffer.concat(['# p\n', ...parts, '\n1\n'].map((part) => Buffer.from(part as string))));

describe('a policy file', () => {
  it('gets the same verdict from all commands, whatever its bytes', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        await writeFile(policy, content);
        await verdicts(content.toString('latin1'), commands);
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    [
      'Latin-1',
      Buffer.from('(defvar a 1)\r# sp\u00e4t\r1', 'latin1'),
      '2:5: error: the file is not valid UTF-8: unexpected byte 0xE4',
    ],
    ['UTF-16', Buffer.from('\ufeff(defvar a 1)', 'utf16le'), '1:1: error: the file is UTF-16 text'],
    ['a binary file', Buffer.from('(a\n\0)'), '2:1: error: the file is not text'],
    ['too large', Buffer.alloc(MAX_POLICY_BYTES + 1, 'x'), '1:1: error: the file has'],
  ])('that is %s is rejected by all commands, with the position', async (_what, content, place) => {
    await writeFile(policy, content);
    await verdicts(place, commands);
    for (const args of [...commands.filter((args) => args[1] !== '--json'), ['run', '--once', '--policy', policy]])
      expect((await ballast(args)).output, args.join(' ')).toContain(`${policy}:${place}`);
  });

  it('may start with a byte order mark, which does not count as a column', async () => {
    await writeFile(policy, '\ufeff1\n');
    await verdicts('good', commands);
    expect((await ballast(['fmt', '--check', policy])).output).toBe(`${policy}\n`);
    await writeFile(policy, '\ufeff(oops)\n');
    expect((await ballast(['check', policy])).output).toContain(`${policy}:1:1: error: `);
  });

  describe('a policy that is a named pipe', () => {
    const rereading = ['fmt', 'test'];
    beforeAll(async () => {
      await rm(policy, { force: true });
      execFileSync('mkfifo', [policy]);
    });

    it('is rejected by commands that read files repeatedly or read files next to them', async () => {
      const refusing = commands.filter((args) => rereading.includes(args[0]!));
      await verdicts('pipe', refusing.slice(0, 1));
      expect((await ballast(refusing[1]!)).output).toContain(`the policy ${policy} cannot be read: it is a pipe`);
      const { code, output } = await ballast(['fmt', '--diff', policy]);
      expect(code).toBe(2);
      expect(output).toContain(
        `the policy ${policy} cannot be read: it is a pipe or a device; expected a regular file`,
      );
    });

    it('is rejected at once by the others, whose pipes are descriptors', async () => {
      for (const args of commands.filter((args) => !rereading.includes(args[0]!))) {
        const { code, output } = await ballast(args);
        expect(code, `${args.join(' ')}: ${output}`).toBe(2);
        expect(output).toContain('it is a pipe or a device; expected a regular file');
      }
    });
  });
});
