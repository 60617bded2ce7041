import { describe, expect, it } from 'vitest';
import type { Hypervisor } from '../../../src/ports/hypervisor.ts';
import { KernelTree, NEVER_ABORTED } from '../../support/kernel.ts';
import { controllerContext, inputOf, planOf, requestOf } from '../../support/planning.ts';
import { swappiness } from './swappiness.ts';

const FILE = '/proc/sys/vm/swappiness';

const plan = (value: number | string, present: number | null = 60) =>
  planOf(swappiness, [requestOf('vm_swappiness', value)], inputOf({ vm_swappiness: present }));

describe('swappiness', () => {
  it('plans what differs and holds back invalid values', () => {
    expect(plan(10.7).actions).toMatchObject([
      { from: 60, to: 10, message: 'Swappiness from 60 to 10', reason: 'because' },
    ]);
    expect(plan(60).held).toMatchObject([{ kind: 'unchanged' }]);
    for (const value of [201, -1, NaN, '10'])
      expect(plan(value)).toMatchObject({ actions: [], held: [{ kind: 'held' }] });
    expect(plan(10, null).held).toMatchObject([{ why: `the current value is unknown; is ${FILE} there?` }]);
  });

  it('writes', async () => {
    const tree = await KernelTree.of({ [FILE]: '60\n' });
    const instance = swappiness.create(controllerContext(tree.host, {} as Hypervisor));
    expect(await instance.apply(plan(10).actions[0]!, NEVER_ABORTED)).toMatchObject({ status: 'done' });
    expect(await tree.get(FILE)).toBe('10');
  });

  it('says what is to be restored', () => {
    expect(swappiness.values!(inputOf({ vm_swappiness: 60 }))).toMatchObject([{ value: 60 }]);
    expect(swappiness.values!(inputOf({ vm_swappiness: null }))).toEqual([]);
  });

  it('reports what the kernel refused', async () => {
    const tree = await KernelTree.of({});
    const instance = swappiness.create(controllerContext(tree.host, {} as Hypervisor));
    expect(await instance.apply(plan(10).actions[0]!, NEVER_ABORTED)).toMatchObject({
      status: 'refused',
      detail: `cannot write ${tree.root}${FILE}: no such file or directory (ENOENT)`,
    });
  });
});
