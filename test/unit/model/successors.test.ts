import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../../src/model/field.ts';
import { withSuccessors } from '../../../src/model/successors.ts';

describe('the layout of a recording without newer fields', () => {
  it('reads the older field in place of a missing one', () => {
    const { names, index } = withSuccessors(layoutOf(['mem_free', 'mem_available', 'ksm_shareable']));
    expect(names).toEqual(['mem_free', 'mem_available', 'ksm_shareable']);
    expect(Object.fromEntries(index)).toEqual({
      mem_free: 0,
      mem_available: 1,
      ksm_shareable: 2,
      mem_allocatable: 0,
      mem_ordinary: 1,
      guests_rss: 2,
    });
  });

  it('keeps a newer field that is there, and invents none', () => {
    const { index } = withSuccessors(layoutOf(['mem_free', 'mem_allocatable']));
    expect(Object.fromEntries(index)).toEqual({ mem_free: 0, mem_allocatable: 1 });
  });
});
