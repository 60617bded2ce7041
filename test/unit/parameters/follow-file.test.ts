import { execFileSync } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FollowedParameters } from '../../../src/parameters/follow-file.ts';
import { type ParametersDisk, parametersDisk } from '../../../src/parameters/file.ts';
import { loadParameters } from '../../../src/parameters/parameters.ts';
import { loadPolicy } from '../../../src/policy/index.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-followed-'));
  path = join(folder, 'set.yaml');
});
afterEach(() => rm(folder, { recursive: true }));

/** Follows `path` on a disk that a test can block. Waits end only while it is blocked. */
async function follow(disk: ParametersDisk = parametersDisk, isHeld: () => boolean = () => false) {
  const { program } = loadPolicy([{ file: 'p.policy', text: '(param share 50%)' }]);
  if (program === null) throw new Error('the policy does not load');
  const read = () =>
    loadParameters({ parameters: [], parametersFile: path }, [], { declared: program, otherPolicies: false });
  const loaded = await read();
  if ('problems' in loaded) throw new Error(loaded.problems.join());
  const logged: string[] = [];
  let waits = 0;
  const followed = new FollowedParameters(loaded.parameters, {
    log: (_level, message) => logged.push(message.replaceAll(`${folder}/`, '')),
    sleep: () => {
      waits += 1;
      return isHeld() ? Promise.resolve() : new Promise(() => {});
    },
    disk,
  });
  return { followed, logged, read, waits: () => waits, share: () => followed.overrides.map(({ given }) => given) };
}

async function put(text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

describe('a parameters file that is a pipe', () => {
  it('is an error at start', async () => {
    execFileSync('mkfifo', [path]);
    await expect(follow()).rejects.toThrow('set.yaml: is a pipe or a device; expected a regular file');
  });

  it('is reported once without blocking, and a regular file in its place is read', async () => {
    await put('share: 60%\n');
    const { followed, logged, share, waits } = await follow();
    await rm(path);
    execFileSync('mkfifo', [path]);
    await followed.look();
    await followed.look();
    expect(share()).toEqual(['60%']);
    await put('share: 70%\n');
    await followed.look();
    expect(share()).toEqual(['70%']);
    expect(logged).toEqual([
      'The parameters file is invalid; the current parameters stay in effect:',
      'set.yaml: is a pipe or a device; expected a regular file',
      'Parameter share from 60% to 70%',
    ]);
    expect(waits()).toBe(3);
  });
});

describe('a disk that hangs', () => {
  const TIMED_OUT = 'The parameters file could not be read within 500 ms; the current parameters stay in effect';

  /** Blocks between `hang` and `resume`. */
  function hanging() {
    let held: Promise<void> | null = null;
    let release = () => {};
    let reads = 0;
    const disk: ParametersDisk = {
      ...parametersDisk,
      async stampOf(file) {
        reads += 1;
        await held;
        return parametersDisk.stampOf(file);
      },
    };
    const hang = () => {
      held = new Promise((resolve) => {
        release = resolve;
      });
    };
    const resume = () => {
      held = null;
      release();
    };
    return { disk, hang, resume, isHeld: () => held !== null, reads: () => reads };
  }

  it('is waited for and reported once, and the next success is reported', async () => {
    const { disk, hang, resume, isHeld, reads } = hanging();
    const { followed, logged, share, waits } = await follow(disk, isHeld);
    await put('share: 60%\n');
    hang();
    for (let interval = 0; interval < 3; interval += 1) await followed.look();
    expect({ logged, share: share(), waits: waits(), reads: reads() }).toEqual({
      logged: [TIMED_OUT],
      share: [],
      waits: 1,
      reads: 1,
    });
    resume();
    await expect
      .poll(() => logged)
      .toEqual([TIMED_OUT, 'Parameter share from 50% to 60%', 'The parameters file can be read again']);
    await put('share: 70%\n');
    await followed.look();
    expect(share()).toEqual(['70%']);
  });

  it('is ignored once the file was reloaded', async () => {
    const { disk, hang, resume, isHeld } = hanging();
    const { followed, logged, read, share } = await follow(disk, isHeld);
    hang();
    await followed.look();
    await put('share: 60%\n');
    const reloaded = await read();
    if ('problems' in reloaded) throw new Error(reloaded.problems.join());
    followed.replace(reloaded.parameters);
    resume();
    await put('share: 70%\n');
    await followed.look();
    expect(share()).toEqual(['70%']);
    expect(logged).toEqual([TIMED_OUT, 'Parameter share from 50% to 60%', 'Parameter share from 60% to 70%']);
  });
});
