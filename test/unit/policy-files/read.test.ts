import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdir, mkdtemp, open, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policyPaths } from '../../../src/policy-files/find.ts';
import { MAX_POLICY_BYTES, readAllPolicies, readPolicies, readPolicy } from '../../../src/policy-files/read.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-policies-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('reading policies', () => {
  it('reads files and links to files in order', async () => {
    await writeFile(at('a'), '1');
    await writeFile(at('b'), '2');
    await symlink('a', at('link'));
    const read = await readAllPolicies([at('b'), at('link'), at('a')]);
    expect(read.map(({ text }) => text)).toEqual(['2', '1', '1']);
  });

  it('reports for each file why it cannot be read, and never blocks', async () => {
    await mkdir(at('folder'));
    await writeFile(at('good'), '1');
    execFileSync('mkfifo', [at('pipe')]);
    const files = ['gone', 'good', 'folder', 'pipe', 'good/x'].map(at);
    const { sources, problems } = await readPolicies([...files, '/dev/zero']);
    expect(sources.map(({ file }) => file)).toEqual([at('good')]);
    expect(problems).toEqual([
      `the policy ${at('gone')} cannot be read: there is no such file`,
      `the policy ${at('folder')} cannot be read: it is a directory`,
      `the policy ${at('pipe')} cannot be read: it is a pipe or a device; expected a regular file`,
      `the policy ${at('good/x')} cannot be read: its path leads through a file`,
      'the policy /dev/zero cannot be read: it is a pipe or a device; expected a regular file',
    ]);
    await expect(readAllPolicies(files)).rejects.toThrow(problems.slice(0, 4).join('\n'));
    await expect(readPolicy(at('pipe'))).rejects.toThrow(problems[2]);
  });

  it('waits for the writer of a descriptor where one is allowed, and for no other pipe', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const pipe = await open(at('pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
    const zero = await open('/dev/zero');
    const descriptor = `/dev/fd/${pipe.fd}`;
    try {
      const reading = readAllPolicies([descriptor], [descriptor]);
      await writeFile(at('pipe'), '\ufeff(+ 1 2)');
      expect(await reading).toEqual([{ file: descriptor, text: '(+ 1 2)', byteOrderMark: true }]);
      expect(await readPolicy(`/dev/fd/${zero.fd}`, true)).toMatchObject({ damage: { kind: 'too-large' } });
    } finally {
      await pipe.close();
      await zero.close();
    }
    for (const path of [at('pipe'), '/dev/zero'])
      await expect(readPolicy(path, true)).rejects.toThrow('it is a pipe or a device');
    await expect(readPolicy(folder, true)).rejects.toThrow('it is a directory');
  });

  it('reads no more than the maximum size of a policy', async () => {
    await writeFile(at('longest'), 'x'.repeat(MAX_POLICY_BYTES));
    expect((await readPolicy(at('longest'))).text).toHaveLength(MAX_POLICY_BYTES);
    await writeFile(at('huge'), '');
    // A sparse file; reading all of it would fail.
    await truncate(at('huge'), 2 ** 40);
    expect(await readPolicy(at('huge'))).toMatchObject({ text: '', damage: { kind: 'too-large', bytes: 2 ** 40 } });
  });
});

describe('what only commands that simulate know is reported with what is expected', () => {
  const cases = [
    ['no-such-policy', 'give the path of the file: only commands that simulate know shipped policies by name'],
    ['balanced+ksm-budget', 'only commands that simulate know policies joined with +: name each by itself'],
  ] as const;

  it.each(cases)('%s', async (given, hint) => {
    const problems = [`the policy ${given} cannot be read: there is no such file; ${hint}`];
    expect((await readPolicies([given])).problems).toEqual(problems);
    expect((await policyPaths([given])).problems).toEqual(problems);
  });
});

describe('policy paths on the command line', () => {
  it('are files and the policies in directories, without duplicates', async () => {
    await mkdir(at('d'));
    for (const name of ['d/b.rules', 'd/a.policy', 'd/.hidden.policy', 'd/notes.txt']) await writeFile(at(name), '');
    expect(await policyPaths([at('x'), at('d'), at('d/a.policy')])).toEqual({
      files: [at('d/a.policy'), at('d/b.rules')],
      problems: [`the policy ${at('x')} cannot be read: there is no such file`],
    });
    await rm(at('d/a.policy'));
    await rm(at('d/b.rules'));
    expect((await policyPaths([at('d')])).problems).toEqual([`${at('d')} has no *.policy or *.rules file`]);
  });
});
