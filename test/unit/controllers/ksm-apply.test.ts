import { describe, expect, it } from 'vitest';
import { hostKsm } from '../../../collectors/host-ksm.ts';
import { ksm } from '../../../controllers/ksm.ts';
import { HostFileError, type Host } from '../../../src/ports/host.ts';
import { KSM_DIRECTORY, ksmPath } from '../../../src/host/ksm.ts';
import type { FieldValue } from '../../../src/model/field.ts';
import type { PolicyScalar } from '../../../src/model/control.ts';
import type { Hypervisor } from '../../../src/ports/hypervisor.ts';
import { collectHost, KernelTree, NEVER_ABORTED } from '../../support/kernel.ts';
import { inputOf, requestOf, controllerContext, planOf } from '../../support/planning.ts';

const NO_HYPERVISOR = {} as Hypervisor;

async function seen(host: Host) {
  const found = await collectHost(hostKsm, host);
  return inputOf(
    Object.fromEntries(hostKsm.fields.map(({ name }): [string, FieldValue] => [name, found[name] ?? null])),
  );
}

/** A copy of a real kernel's files, a controller over them, and an interval that plans and applies. */
async function setUp(wrap: (host: Host, tree: KernelTree) => Host = (host) => host, callTimeoutMs = 5000) {
  const tree = await KernelTree.copyOf('linux-6.18');
  const host = wrap(tree.host, tree);
  const instance = ksm.create(controllerContext(host, NO_HYPERVISOR, callTimeoutMs));
  const interval = async (wanted: Readonly<Record<string, PolicyScalar>>, signal = NEVER_ABORTED) => {
    const input = await seen(tree.host);
    const plan = planOf(
      ksm,
      Object.entries(wanted).map(([name, value]) => requestOf(name, value)),
      input,
    );
    const outcomes = [];
    for (const action of plan.actions) outcomes.push(await instance.apply(action, signal));
    return outcomes;
  };
  const read = async (file: string) => (await tree.get(ksmPath(file))).trim();
  return { tree, instance, interval, read };
}

/** Makes every write fail as the kernel would. */
const rejectWrites =
  (code: string) =>
  (host: Host): Host => ({
    ...host,
    writeText: (path) => Promise.reject(new HostFileError(path, code, `cannot write ${path}: no (${code})`)),
  });

describe('writing to KSM', () => {
  it('writes what was planned and nothing else', async () => {
    const { tree, interval, read } = await setUp();
    const before = (await tree.host.list(KSM_DIRECTORY))!;
    expect(await interval({ ksm_run: 0, ksm_pages_to_scan: 500, ksm_sleep_millisecs: 20 })).toMatchObject([
      { status: 'done', detail: null, action: { control: 'ksm_run' } },
      { status: 'done', action: { control: 'ksm_pages_to_scan' } },
    ]);
    expect([await read('run'), await read('pages_to_scan'), await read('sleep_millisecs')]).toEqual(['0', '500', '20']);
    expect(await tree.host.list(KSM_DIRECTORY)).toEqual(before);
  });

  it.each([
    ['EROFS', '/sys is mounted read-only, as it is in a container'],
    ['EACCES', 'controlling KSM requires root'],
    ['EBUSY', 'the kernel accepts it only while no pages are shared; request ksm_run 2 with it'],
    ['EINVAL', 'the kernel rejects this value, or rejects it at present'],
    ['ENOENT', 'not supported by this kernel'],
  ])('explains that the kernel refused with %s, and names the file', async (code, hint) => {
    const { interval } = await setUp(rejectWrites(code));
    expect(await interval({ ksm_run: 0 })).toMatchObject([
      { status: 'refused', detail: `cannot write /sys/kernel/mm/ksm/run: no (${code}): ${hint}` },
    ]);
  });

  it('reports an unknown error with its own message', async () => {
    const { interval } = await setUp(rejectWrites('EIO'));
    expect(await interval({ ksm_run: 0 })).toMatchObject([
      { status: 'refused', detail: 'cannot write /sys/kernel/mm/ksm/run: no (EIO)' },
    ]);
  });

  it('reports when the file reads back differently', async () => {
    const { interval } = await setUp((host) => ({ ...host, writeText: () => Promise.resolve() }));
    expect(await interval({ ksm_run: 0 })).toMatchObject([
      { status: 'refused', detail: '/sys/kernel/mm/ksm/run accepted 0 but reads 1' },
    ]);
  });

  it('reads back the choice in brackets', async () => {
    const { interval } = await setUp((host, tree) => ({
      ...host,
      writeText: (path) => tree.set(path, 'none [scan-time]\n'),
    }));
    expect(await interval({ ksm_advisor_mode: 'scan-time' })).toMatchObject([{ status: 'done' }]);
  });

  it('times out', async () => {
    const { interval } = await setUp((host) => ({ ...host, writeText: () => new Promise(() => undefined) }), 1);
    expect(await interval({ ksm_run: 0 })).toMatchObject([
      { status: 'failed', detail: '/sys/kernel/mm/ksm/run: no answer within 1 ms' },
    ]);
  });

  it('stops waiting when Ballast is interrupted', async () => {
    const stop = new AbortController();
    const { interval } = await setUp((host) => ({
      ...host,
      writeText: () => (stop.abort(), new Promise(() => undefined)),
    }));
    expect(await interval({ ksm_run: 0 }, stop.signal)).toMatchObject([
      { status: 'failed', detail: '/sys/kernel/mm/ksm/run: aborted before the kernel replied' },
    ]);
  });

  it('does not hide a bug', async () => {
    const { interval } = await setUp((host) => ({
      ...host,
      writeText: () => Promise.reject(new TypeError('a bug')),
    }));
    await expect(interval({ ksm_run: 0 })).rejects.toThrow('a bug');
  });
});
