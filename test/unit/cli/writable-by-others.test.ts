import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writableByOthers } from '../../../src/cli/support/writable-by-others.ts';

const OWN = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

let folder: string;

beforeEach(async () => {
  const outer = await mkdtemp(join(tmpdir(), 'ballast-writable-'));
  folder = join(outer, 'etc');
  await mkdir(folder, { mode: 0o755 });
});

afterEach(() => rm(join(folder, '..'), { recursive: true }));

async function warningsFor({ file = 0o644, directory = 0o755, uid = OWN.uid, gid = OWN.gid }, own = OWN) {
  const path = join(folder, 'p.policy');
  await writeFile(path, '');
  await chown(path, uid, gid);
  await chown(folder, uid, gid);
  await chmod(path, file);
  await chmod(folder, directory);
  const warnings = await writableByOthers([path], own);
  return warnings.map((warning) => warning.replace(folder, 'ETC'));
}

const isRoot = OWN.uid === 0;

describe('a file that others may change is warned of', () => {
  test.each([
    ['nobody', {}, []],
    ['its own group', { file: 0o664, directory: 0o775 }, []],
    ['everybody', { file: 0o666 }, ['ETC/p.policy: warning: every user can change']],
    ['everybody, through its directory', { directory: 0o777 }, ['ETC: warning: every user can replace']],
    ['nobody, in a sticky directory', { directory: 0o1777 }, []],
  ])('%s', async (_, modes, want) => {
    expect(await warningsFor(modes)).toEqual(want.map((start) => expect.stringContaining(start)));
  });

  test.runIf(isRoot).each([
    [
      'another group',
      { file: 0o664, gid: 1234 },
      ['ETC/p.policy: warning: its group, the group 1234, can change what Ballast does; see chmod and chown'],
    ],
    ['a group that may only read', { file: 0o640, gid: 1234 }, []],
    [
      'its owner',
      { uid: 1234 },
      [
        'ETC/p.policy: warning: its owner, the user 1234, can change what Ballast does; see chmod and chown',
        'ETC: warning: its owner, the user 1234, can replace files that Ballast reads; see chmod and chown',
      ],
    ],
  ])('as root: %s', async (_, modes, want) => {
    expect(await warningsFor(modes)).toEqual(want);
  });

  test.runIf(isRoot)('not what belongs to the user that Ballast runs as', async () => {
    expect(await warningsFor({ uid: 1234, gid: 1234, file: 0o664 }, { uid: 1234, gid: 1234 })).toEqual([]);
  });

  test('and neither what is not there', async () => {
    expect(await writableByOthers([join(folder, 'none')], OWN)).toEqual([]);
  });
});
