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
  folder = await mkdtemp(join(tmpdir(), 'ballast-live-'));
  path = join(folder, 'set.yaml');
});
afterEach(() => rm(folder, { recursive: true }));

/** Follows `path` on a disk whose reads a test can hold. Timeouts expire only while it does. */
async function following(disk: ParametersDisk = parametersDisk, isHeld: () => boolean = () => false) {
  const { program } = loadPolicy([{ file: 'p.policy', text: '(param share 50%)' }]);
  if (program === null) throw new Error('the policy is wrong');
  const read = () =>
    loadParameters({ parameters: [], parametersFile: path }, [], { declared: program, otherPolicies: false });
  const loaded = await read();
  if ('problems' in loaded) throw new Error(loaded.problems.join());
  const logged: string[] = [];
  let waits = 0;
  const live = new FollowedParameters(loaded.parameters, {
    log: (_level, message) => logged.push(message.replaceAll(`${folder}/`, '')),
    sleep: () => {
      waits += 1;
      return isHeld() ? Promise.resolve() : new Promise(() => {});
    },
    disk,
  });
  return { live, logged, read, waits: () => waits, share: () => live.overrides.map(({ given }) => given) };
}

async function put(text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

describe('a parameters file that is a pipe', () => {
  it('is rejected at start', async () => {
    execFileSync('mkfifo', [path]);
    await expect(following()).rejects.toThrow('set.yaml: is a pipe or a device; expected a regular file');
  });

  it('is reported once without blocking, and a regular file in its place takes effect', async () => {
    await put('share: 60%\n');
    const { live, logged, share, waits } = await following();
    await rm(path);
    execFileSync('mkfifo', [path]);
    await live.check();
    await live.check();
    expect(share()).toEqual(['60%']);
    await put('share: 70%\n');
    await live.check();
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
  const SILENCE = 'The parameters file could not be read within 500 ms; the current parameters stay in effect';

  /** Holds all reads between `hang` and `answer`. */
  function hanging() {
    let held: Promise<void> | null = null;
    let release = () => {};
    let asked = 0;
    const disk: ParametersDisk = {
      ...parametersDisk,
      async stampOf(file) {
        asked += 1;
        await held;
        return parametersDisk.stampOf(file);
      },
    };
    const hang = () => {
      held = new Promise((resolve) => {
        release = resolve;
      });
    };
    const answer = () => {
      held = null;
      release();
    };
    return { disk, hang, answer, isHeld: () => held !== null, asked: () => asked };
  }

  it('is read once, reported once, and reported again when the read completes', async () => {
    const { disk, hang, answer, isHeld, asked } = hanging();
    const { live, logged, share, waits } = await following(disk, isHeld);
    await put('share: 60%\n');
    hang();
    for (let interval = 0; interval < 3; interval += 1) await live.check();
    expect({ logged, share: share(), waits: waits(), asked: asked() }).toEqual({
      logged: [SILENCE],
      share: [],
      waits: 1,
      asked: 1,
    });
    answer();
    await expect
      .poll(() => logged)
      .toEqual([SILENCE, 'Parameter share from 50% to 60%', 'The parameters file can be read again']);
    await put('share: 70%\n');
    await live.check();
    expect(share()).toEqual(['70%']);
  });

  it('no longer matters after a reload', async () => {
    const { disk, hang, answer, isHeld } = hanging();
    const { live, logged, read, share } = await following(disk, isHeld);
    hang();
    await live.check();
    await put('share: 60%\n');
    const anew = await read();
    if ('problems' in anew) throw new Error(anew.problems.join());
    live.replace(anew.parameters);
    answer();
    await put('share: 70%\n');
    await live.check();
    expect(share()).toEqual(['70%']);
    expect(logged).toEqual([SILENCE, 'Parameter share from 50% to 60%', 'Parameter share from 60% to 70%']);
  });
});
