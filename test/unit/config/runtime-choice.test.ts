import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../support/config.ts';
import { directoriesOf, runtimeDirectory, socketsIn } from '../../../src/config/directories.ts';
import type { LoadedConfig } from '../../../src/config/load.ts';
import { readRuntimeChoice } from '../../../src/config/runtime-choice.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-choice-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the runtime directory of a config', () => {
  it.each([
    '',
    'runtime_dir: run',
    'runtime_dir: /srv/b',
    'host_root: copy',
    'libvirt: {uri: "qemu:///session"}',
    'libvirt: {uri: "qemu:///session?socket=/x"}\nhost_root: copy',
    'libvirt: {call_timeout: 1s}\npolicy: a.policy',
  ])('is what the whole config says: %s', async (text) => {
    const file = join(folder, 'ballast.yaml');
    await writeFile(file, text);
    const directories = directoriesOf((parseConfig(file, text) as LoadedConfig).config, '/run/user/5');
    const runtime = runtimeDirectory((await readRuntimeChoice(file))!, '/run/user/5');
    expect({ runtime, ...socketsIn(runtime) }).toEqual({
      runtime: directories.runtime,
      statusSocket: directories.statusSocket,
      controlSocket: directories.controlSocket,
    });
  });

  it('is found when the rest is invalid', async () => {
    await writeFile(join(folder, 'b.yaml'), 'runtime_dir: run\nhistroy: 10\npolicy: {files: 5}\n');
    expect(await readRuntimeChoice(join(folder, 'b.yaml'))).toMatchObject({ runtimeDir: join(folder, 'run') });
  });

  it.each([
    'runtime_dir: 5',
    'runtime_dir: ""',
    'runtime_dir:',
    'libvirt: x',
    'libvirt: {uri: [a]}',
    '- a',
    'a: [',
    '&a [*a]',
    'a: 1\na: 2',
    '\0',
  ])(
    // prettier-ignore
    'is left to the whole config: %j',
    async (text) => {
      await writeFile(join(folder, 'b.yaml'), text);
      expect(await readRuntimeChoice(join(folder, 'b.yaml'))).toBeNull();
    },
  );

  it('of a file that is not there is unknown', async () => {
    expect(await readRuntimeChoice(join(folder, 'none.yaml'))).toBeNull();
  });
});
