import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balloon } from '../../../controllers/balloon.ts';
import { ksm } from '../../../controllers/ksm.ts';
import { ksmUnmerge } from '../../../guards/ksm-unmerge.ts';
import { plan } from '../../../src/engine/plan.ts';
import { Recollections } from '../../../src/engine/recollections.ts';
import type { ControlRequest } from '../../../src/model/control.ts';
import { inputOf, planOf, requestOf, settingsWith, type Fields } from '../../support/planning.ts';

const GIB = 1024 * 1024;

/** 38 GiB merged, 7 GiB left. */
const MERGED: Fields = {
  ksm_run: 1,
  ksm_pages_to_scan: 100,
  ksm_sleep_millisecs: 20,
  ksm_merge_across_nodes: 1,
  ksm_max_page_sharing: 256,
  ksm_use_zero_pages: 0,
  ksm_pages_shared: 500_000,
  ksm_pages_sharing: 10_000_000,
  ksm_zero_pages: 0,
  page_size: 4,
  mem_allocatable: 7 * GIB,
  mem_ordinary: 64 * GIB,
};

/** Requests as [control, value], in the order of the policy. */
type Wanted = readonly (readonly [string, number])[];

const planFor = (wanted: Wanted, host: Fields = {}, enabled = true) =>
  planOf(
    ksm,
    wanted.map(([name, value]) => requestOf(name, value)),
    inputOf({ ...MERGED, ...host }),
    settingsWith({}, { ksm_unmerge: { enabled } }),
  );

const written = (...args: Parameters<typeof planFor>) =>
  planFor(...args).actions.map(({ control, to }) => `${control} ${String(to)}`);

const WHY = 'unmerging needs 38.1 GiB at once, and the host has 7 GiB and keeps 1.3 GiB in reserve';

describe('a request to unmerge', () => {
  it('only stops KSM when the memory for it is missing', () => {
    expect(planFor([['ksm_run', 2]]).actions).toMatchObject([
      { control: 'ksm_run', to: 0, notes: [`lowered from 2 to 0, which keeps what is merged: ${WHY}`] },
    ]);
  });

  it('is held back where KSM is stopped already', () => {
    expect(planFor([['ksm_run', 2]], { ksm_run: 0 })).toMatchObject({ actions: [], held: [{ wanted: 2, why: WHY }] });
  });

  it.each<[string, Fields, boolean]>([
    ['fits above the reserve', { ksm_pages_sharing: (7 * GIB - 1_342_178) / 4 - 0.5 }, true],
    ['fits into 512 MiB less on a small host', { ksm_pages_sharing: (6.5 * GIB) / 4, mem_ordinary: 8 * GIB }, true],
    ['has nothing to unmerge', { ksm_pages_sharing: 0, ksm_pages_shared: 0, mem_allocatable: 0 }, true],
    ['has nothing shared, its number being unknown', { ksm_pages_sharing: null, ksm_pages_shared: 0 }, true],
    ['is not checked', {}, false],
  ])('passes when it %s', (_what, host, enabled) => {
    expect(written([['ksm_run', 2]], host, enabled)).toEqual(['ksm_run 2']);
  });

  it.each<[string, Fields, string]>([
    ['one page too much', { ksm_pages_sharing: Math.floor((7 * GIB - 1_342_178) / 4) + 1 }, 'unmerging needs 5.7 GiB'],
    ['pages of 64 KiB', { ksm_pages_sharing: 625_000, page_size: 64 }, 'unmerging needs 38.1 GiB'],
    [
      'zero pages, which unmerging gives memory too',
      { ksm_pages_sharing: 0, ksm_zero_pages: 10_000_000 },
      'unmerging needs 38.1 GiB',
    ],
    [
      'an unknown number of pages',
      { ksm_pages_sharing: null },
      'ksm_pages_sharing is unknown, so unmerging may not fit',
    ],
    ['an unknown size of a page', { page_size: null }, 'page_size is unknown'],
    ['unknown memory', { mem_allocatable: null }, 'mem_allocatable is unknown'],
    ['less memory than the reserve', { ksm_pages_sharing: 1, mem_allocatable: 1000 }, 'unmerging needs 4 KiB'],
  ])('is refused with %s', (_what, host, why) => {
    const { actions } = planFor([['ksm_run', 2]], host);
    expect(actions).toMatchObject([{ to: 0 }]);
    expect(actions[0]?.notes[0]).toContain(why);
  });

  it('has nothing to do where run is 2 already', () => {
    expect(planFor([['ksm_run', 2]], { ksm_run: 2 }).held).toMatchObject([{ kind: 'unchanged' }]);
  });

  it.each([
    ['ksm_run', 0],
    ['ksm_use_zero_pages', 1],
    ['ksm_pages_to_scan', 200],
  ])('is no matter for %s %i', (name, value) => {
    expect(written([[name, value]])).toEqual([`${name} ${value}`]);
  });
});

describe('memory for others', () => {
  /** Unmerging needs 4 GiB of 7, less 1.3 in reserve. */
  const fits: Fields = { ...MERGED, ksm_pages_sharing: GIB };
  const guests = [1, 2].map((number) => ({ number, samples: [{ balloon_cur: GIB, balloon_max: 4 * GIB }] }));
  const unmerge = requestOf('ksm_run', 2);
  const planWith = (requests: readonly ControlRequest[], reservedKib: readonly number[]) => {
    const reservations = reservedKib.map((kib) => ({ name: `${kib}`, kib, client: 'a test', untilMs: Infinity }));
    const settings = settingsWith({}, { ksm_unmerge: { enabled: true } });
    const { actions, held } = plan(
      { guards: [ksmUnmerge], controllers: [ksm, balloon] },
      { requests: [unmerge, ...requests], errors: [] },
      inputOf(fits, guests),
      settings,
      new Recollections().state(settings, reservations),
    );
    const run = actions.find(({ control }) => control === 'ksm_run');
    return { to: run?.to, why: run?.notes.join('') ?? held[0]?.why };
  };

  it.each<[string, readonly [number, number][], readonly number[]]>([
    ['nothing else', [], []],
    ['a guest that grows by what is left', [[1, 2 * GIB]], []],
    ['a guest that shrinks', [[1, GIB / 2]], []],
    ['a guest that is unknown', [[3, 4 * GIB]], []],
    ['a reservation that fits', [], [GIB]],
  ])('leaves room to unmerge: %s', (_what, targets, reserved) => {
    const requests = targets.map(([guest, target]) => requestOf('balloon_target', target, guest));
    expect(planWith(requests, reserved).to).toBe(2);
  });

  it('comes before unmerging', () => {
    const grow = [1, 2].map((guest) => requestOf('balloon_target', 100 * GIB, guest));
    const { to, why } = planWith(grow, []);
    expect(to).toBe(0);
    // Each can get 3 GiB.
    expect(why).toContain('1.3 GiB in reserve, 6 GiB for guests that grow in this interval');
    expect(planWith([], [GIB, GIB]).why).toContain(', 2 GiB for guests that are about to start');
  });
});

describe('a setting that is only writable while nothing is shared', () => {
  it.each([
    ['ksm_merge_across_nodes', 0],
    ['ksm_max_page_sharing', 100_000],
  ])('%s is held back with the unmerge, and KSM goes on', (name, value) => {
    const { actions, held } = planFor([
      ['ksm_run', 2],
      [name, value],
    ]);
    expect(actions).toEqual([]);
    expect(held).toMatchObject([
      { control: name, why: `the kernel accepts it only after unmerging (ksm_run 2): ${WHY}` },
      { control: 'ksm_run', wanted: 2, why: WHY },
    ]);
  });

  it('is not told to request an unmerge that would be refused', () => {
    expect(planFor([['ksm_merge_across_nodes', 0]]).held[0]?.why).toContain(WHY);
  });

  it('needs none while nothing is shared, even when the zero pages do not fit', () => {
    const host = { ksm_pages_sharing: 0, ksm_pages_shared: 0, ksm_zero_pages: 10_000_000 };
    const wanted: Wanted = [
      ['ksm_run', 2],
      ['ksm_merge_across_nodes', 0],
    ];
    expect(written(wanted, host)).toEqual(['ksm_merge_across_nodes 0']);
  });

  it('is written after an unmerge that fits', () => {
    const wanted: Wanted = [
      ['ksm_run', 2],
      ['ksm_merge_across_nodes', 0],
    ];
    expect(written(wanted, { ksm_pages_sharing: 1000 })).toEqual(['ksm_run 2', 'ksm_merge_across_nodes 0']);
  });

  it('is as it was already, and needs nothing', () => {
    expect(planFor([['ksm_merge_across_nodes', 1]]).held).toMatchObject([{ kind: 'unchanged' }]);
  });
});

describe('requests to restore', () => {
  it('lose the unmerge and what needs it; run is restored', () => {
    const wanted: Wanted = [
      ['ksm_run', 2],
      ['ksm_merge_across_nodes', 0],
      ['ksm_pages_to_scan', 150],
      ['ksm_run', 1],
    ];
    expect(written(wanted, { ksm_run: 0 })).toEqual(['ksm_pages_to_scan 150', 'ksm_run 1']);
  });
});

describe('any requests on any host', () => {
  it('never unmerge more than there is room for', () => {
    const size = fc.option(fc.integer({ min: 0, max: 64 * GIB }));
    const pages = fc.option(fc.integer({ min: 0, max: 20_000_000 }));
    const run = fc.constantFrom(0, 1, 2);
    const wanted = fc.array(
      fc.oneof(
        fc.tuple(fc.constant('ksm_run'), run),
        fc.tuple(fc.constant('ksm_merge_across_nodes'), fc.constantFrom(0, 1)),
        fc.tuple(fc.constant('ksm_max_page_sharing'), fc.integer({ min: 2, max: 1000 })),
      ),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(wanted, size, pages, pages, run, (requests, mem_allocatable, sharing, zero, ksm_run) => {
        const host = { mem_allocatable, ksm_pages_sharing: sharing, ksm_zero_pages: zero, ksm_run };
        const unmerges = planFor(requests, host).actions.some(({ control, to }) => control === 'ksm_run' && to === 2);
        const needKib = ((sharing ?? Infinity) + (zero ?? 0)) * 4;
        const fits = needKib === 0 || needKib <= (mem_allocatable ?? 0) - 1_342_178;
        expect(unmerges && !fits).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
