import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateFile, type State } from '../../../src/daemon/state.ts';
import { KernelTree } from '../../support/kernel.ts';

const BOOT = '/proc/sys/kernel/random/boot_id';
const STAT = '41 (qemu (1) x) S 1 1 1 0 -1 4194304 1 0 2 0 3 4 0 0 20 0 1 0 777 1000 50 18446744073709551615';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-state-'));
});
afterEach(() => rm(folder, { recursive: true }));

const hostOf = () => KernelTree.of({ [BOOT]: 'boot-1\n', '/proc/41/stat': `${STAT}\n` });
const guest = (changes: Partial<State['guests'][number]> = {}) => ({
  ...{ uuid: 'u', name: 'a', id: 1, pid: 41, started: 777, values: { balloon_target: 500 } },
  ...changes,
});
const found = { host: { ksm_run: 1, ksm_advisor_mode: 'none' }, guests: [guest()] };
const whole = (changes: object = {}) => JSON.stringify({ ballast_state: 1, boot_id: 'boot-1', ...found, ...changes });

describe('the state file', () => {
  it('is read as it was written, and is gone once removed', async () => {
    const file = new StateFile(join(folder, 'run', 'ballast'), 'x', (await hostOf()).host);
    expect(await file.read()).toEqual({ kind: 'none' });
    await file.write(found);
    expect(await readdir(join(folder, 'run', 'ballast'))).toEqual(['found-x.json']);
    expect(await file.read()).toMatchObject({ kind: 'state', state: found, dropped: 0 });
    await file.remove();
    await file.remove();
    expect(await file.read()).toEqual({ kind: 'none' });
  });

  it('is void after a boot of the host', async () => {
    const tree = await hostOf();
    const file = new StateFile(folder, 'x', tree.host);
    await file.write(found);
    await tree.set(BOOT, 'boot-2\n');
    expect(await file.read()).toEqual({ kind: 'void', why: 'it is from before the last boot of this host' });
  });

  it.each([
    ['another process', { started: 778 }, 1],
    ['no process', { pid: 42 }, 1],
    ['an unknown process, which libvirt must tell', { pid: null, started: null }, 0],
  ])('drops guests of %s', async (_what, changes, dropped) => {
    await writeFile(join(folder, 'found-x.json'), whole({ guests: [guest(changes)] }));
    expect(await new StateFile(folder, 'x', (await hostOf()).host).read()).toMatchObject({ kind: 'state', dropped });
  });

  it.each([
    ['', 'it is not JSON'],
    [whole().slice(0, 100), 'it is not JSON'],
    ['\0'.repeat(512), 'it is not JSON'],
    ['[]', /^its content is wrong: /],
    ['null', /^its content is wrong: /],
    [whole({ ballast_state: 2 }), 'it has version 2; this Ballast reads version 1'],
    [whole({ host: { ksm_run: [1] } }), /^host\.ksm_run is wrong: /],
    [whole({ host: { ksm_run: { toString: 1 } } }), /^host\.ksm_run is wrong: /],
    [whole({ guests: [guest({ pid: -1 })] }), /^guests\.0\.pid is wrong: /],
    [whole({ guests: [{ ...guest(), more: 1 }] }), /^guests\.0 is wrong: /],
    [whole({ guests: Array.from({ length: 16_385 }, () => guest()) }), /^guests is wrong: /],
    [`"${'x'.repeat(8_388_608)}"`, 'it has more than 8388608 bytes'],
  ])('sets wrong content aside: %#', async (text, why) => {
    const path = join(folder, 'found-x.json');
    await writeFile(path, text);
    const file = new StateFile(folder, 'x', (await hostOf()).host);
    const read = await file.read();
    expect(read).toMatchObject({
      kind: 'void',
      why: expect.stringMatching(why),
    });
    expect(read).toMatchObject({ why: expect.stringContaining(`; it was set aside as ${path}.wrong`) });
    expect((await readFile(`${path}.wrong`, 'latin1')).slice(0, 50)).toBe(text.slice(0, 50));
    expect(await file.read()).toEqual({ kind: 'none' });
  });

  it('is not read from something that is not a file', async () => {
    await mkdir(join(folder, 'found-x.json'));
    await expect(new StateFile(folder, 'x', (await hostOf()).host).read()).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
