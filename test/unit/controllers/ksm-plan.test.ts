import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ksm } from '../../../controllers/ksm.ts';
import { hostKsm } from '../../../collectors/host-ksm.ts';
import type { PolicyScalar } from '../../../src/model/control.ts';
import type { FieldValue } from '../../../src/model/field.ts';
import { collectHost, fixtureHost, type Tree } from '../../support/kernel.ts';
import { inputOf, planOf, requestOf, type Fields } from '../../support/planning.ts';

const NEW: Fields = {
  ksm_run: 0,
  ksm_pages_to_scan: 100,
  ksm_sleep_millisecs: 20,
  ksm_merge_across_nodes: 1,
  ksm_max_page_sharing: 256,
  ksm_use_zero_pages: 0,
  ksm_smart_scan: 1,
  ksm_advisor_mode: 'none',
  ksm_advisor_max_cpu: 70,
  ksm_advisor_min_pages_to_scan: 500,
  ksm_advisor_max_pages_to_scan: 30000,
  ksm_advisor_target_scan_time: 200,
  ksm_pages_shared: 0,
};

type Wanted = Readonly<Record<string, PolicyScalar>>;

const planFor = (wanted: Wanted, host: Fields = {}) =>
  planOf(
    ksm,
    Object.entries(wanted).map(([name, value]) => requestOf(name, value)),
    inputOf({ ...NEW, ...host }),
  );

const messages = (...args: Parameters<typeof planFor>) => planFor(...args).actions.map(({ message }) => message);
const whyOf = (...args: Parameters<typeof planFor>) => planFor(...args).held[0];

describe('a plan for KSM', () => {
  it('has an action with a log message for each value that differs', () => {
    expect(planFor({ ksm_pages_to_scan: 400 })).toEqual({
      actions: [
        {
          controller: 'ksm',
          control: 'ksm_pages_to_scan',
          guest: null,
          from: 100,
          to: 400,
          message: 'KSM pages_to_scan from 100 to 400',
          reason: 'because',
          position: { file: 'a.policy', line: 3, column: 5 },
          notes: [],
        },
      ],
      held: [],
    });
  });

  it('has no action for a value that does not differ', () => {
    expect(planFor({ ksm_run: 0, ksm_pages_to_scan: 100.9, ksm_advisor_mode: 'none' })).toMatchObject({
      actions: [],
      held: [{ kind: 'unchanged' }, { kind: 'unchanged' }, { kind: 'unchanged', why: 'it is already 100' }],
    });
  });

  it('truncates fractions, as MOM does', () => {
    expect(messages({ ksm_pages_to_scan: 199.9, ksm_sleep_millisecs: 0.5 })).toEqual([
      'KSM sleep_millisecs from 20 to 0',
      'KSM pages_to_scan from 100 to 199',
    ]);
  });

  it('clamps numbers to the range of the kernel', () => {
    expect(planFor({ ksm_pages_to_scan: -5, ksm_advisor_max_cpu: 250, ksm_max_page_sharing: 1 }).actions).toMatchObject(
      [
        { to: 100, notes: ['lowered from 250 to 100: its range is 0 to 100'] },
        { to: 2, notes: ['raised from 1 to 2: its range is 2 to 2147483647'] },
        { to: 0, notes: ['raised from -5 to 0: its range is 0 to 4294967295'] },
      ],
    );
  });

  it.each<[string, PolicyScalar, string]>([
    ['ksm_run', 3, 'ksm_run must be one of 0, 1, 2; the policy requested 3'],
    ['ksm_run', true, 'ksm_run must be a number; the policy requested true'],
    ['ksm_pages_to_scan', '100', 'ksm_pages_to_scan must be a number; the policy requested "100"'],
    ['ksm_pages_to_scan', NaN, 'ksm_pages_to_scan must be a number; the policy requested NaN'],
    ['ksm_pages_to_scan', null, 'ksm_pages_to_scan must be a number; the policy requested nil'],
    ['ksm_pages_to_scan', Infinity, 'ksm_pages_to_scan must be a number; the policy requested Infinity'],
    ['ksm_smart_scan', 2, 'ksm_smart_scan must be one of 0, 1; the policy requested 2'],
    ['ksm_advisor_mode', 1, 'ksm_advisor_mode must be a string; the policy requested 1'],
    ['ksm_advisor_mode', 'on', 'ksm_advisor_mode must be one of none, scan-time; the policy requested "on"'],
  ])('holds back %s %j', (name, value, why) => {
    expect(planFor({ [name]: value })).toMatchObject({
      actions: [],
      held: [{ kind: 'held', control: name, wanted: value, why }],
    });
  });

  it('explains what the kernel lacks and what was not collected', () => {
    expect(whyOf({ ksm_smart_scan: 0 }, { ksm_smart_scan: null })?.why).toBe(
      'this kernel has no /sys/kernel/mm/ksm/smart_scan, or it could not be read',
    );
    expect(whyOf({ ksm_pages_to_scan: 0 }, { ksm_run: null, ksm_pages_to_scan: null })?.why).toBe(
      'this kernel has no KSM (/sys/kernel/mm/ksm), or it could not be read',
    );
    const bare = planOf(ksm, [requestOf('ksm_run', 1)], inputOf({}));
    expect(bare.held[0]?.why).toBe('ksm_run is not collected: requires the collector host-ksm');
  });
});

describe('the order of writes', () => {
  it('sets everything before ksmd starts', () => {
    expect(messages({ ksm_run: 1, ksm_pages_to_scan: 200, ksm_merge_across_nodes: 0 })).toEqual([
      'KSM merge_across_nodes from 1 to 0',
      'KSM pages_to_scan from 100 to 200',
      'KSM run from 0 to 1',
    ]);
  });

  it('stops ksmd before anything else', () => {
    expect(messages({ ksm_sleep_millisecs: 50, ksm_run: 0 }, { ksm_run: 1 })).toEqual([
      'KSM run from 1 to 0',
      'KSM sleep_millisecs from 20 to 50',
    ]);
  });
});

describe('a file that the kernel accepts only while no pages are shared', () => {
  const shared = { ksm_run: 1, ksm_pages_shared: 7516 };

  it.each([
    ['ksm_merge_across_nodes', 0],
    ['ksm_max_page_sharing', 512],
  ])('is held back while pages are shared: %s', (name, value) => {
    expect(whyOf({ [name]: value }, shared)).toMatchObject({
      kind: 'held',
      why: 'the kernel accepts it only while no pages are shared (7516 are); request ksm_run 2 with it',
    });
    expect(whyOf({ [name]: value, ksm_run: 0 }, shared)?.kind).toBe('held');
  });

  it('is written after the unmerge that the policy requests in the same interval', () => {
    expect(messages({ ksm_merge_across_nodes: 0, ksm_max_page_sharing: 512, ksm_run: 2 }, shared)).toEqual([
      'KSM run from 1 to 2',
      'KSM merge_across_nodes from 1 to 0',
      'KSM max_page_sharing from 256 to 512',
    ]);
  });

  it('is unchanged, not held back, when the value is the same', () => {
    expect(whyOf({ ksm_merge_across_nodes: 1 }, shared)?.kind).toBe('unchanged');
  });

  it('is written when the number of shared pages is unknown', () => {
    expect(messages({ ksm_merge_across_nodes: 0 }, { ksm_pages_shared: null })).toHaveLength(1);
  });
});

describe("the kernel's advisor", () => {
  const advised = { ksm_advisor_mode: 'scan-time', ksm_pages_to_scan: 500 };

  it('makes pages_to_scan read-only', () => {
    expect(whyOf({ ksm_pages_to_scan: 400 }, advised)).toMatchObject({
      kind: 'held',
      why: "not writable while ksm_advisor_mode is scan-time: the kernel's advisor sets it",
    });
    expect(planFor({ ksm_pages_to_scan: 400, ksm_advisor_mode: 'scan-time' })).toMatchObject({
      actions: [{ control: 'ksm_advisor_mode' }],
      held: [{ control: 'ksm_pages_to_scan' }],
    });
  });

  it('gets its limits before it is turned on', () => {
    expect(messages({ ksm_advisor_mode: 'scan-time', ksm_advisor_min_pages_to_scan: 1000 })).toEqual([
      'KSM advisor_min_pages_to_scan from 500 to 1000',
      'KSM advisor_mode from none to scan-time',
    ]);
  });

  it('resets pages_to_scan when it is turned off, so that the value is written again even if it looks right', () => {
    expect(planFor({ ksm_pages_to_scan: 500, ksm_advisor_mode: 'none' }, advised).actions).toMatchObject([
      { message: 'KSM advisor_mode from scan-time to none' },
      { message: 'KSM pages_to_scan from 500 to 500', notes: ['the kernel resets it when the advisor is turned off'] },
    ]);
  });
});

describe('any request', () => {
  it.each<Tree>(['linux-6.18', 'linux-5.10', 'bare'])(
    'becomes one action or is held back once on %s, within the declared range',
    async (tree) => {
      const found = await collectHost(hostKsm, fixtureHost(tree));
      const host = Object.fromEntries(
        hostKsm.fields.map(({ name }): [string, FieldValue] => [name, found[name] ?? null]),
      );
      const value = fc.oneof(
        fc.double(),
        fc.integer({ min: -5, max: 5 }),
        fc.string(),
        fc.boolean(),
        fc.constant(null),
        fc.constantFrom('none', 'scan-time'),
      );
      const names = ksm.controls.map(({ name }) => name);
      const wanted = fc.uniqueArray(fc.tuple(fc.constantFrom(...names), value), { selector: ([name]) => name });
      fc.assert(
        fc.property(wanted, (pairs) => {
          const { actions, held } = planOf(
            ksm,
            pairs.map(([name, asked]) => requestOf(name, asked)),
            inputOf(host),
          );
          expect(actions.length + held.length).toBe(pairs.length);
          for (const { control, to, from } of actions) {
            const { type, min = -Infinity, max = Infinity } = ksm.controls.find(({ name }) => name === control)!;
            expect(typeof to).toBe(type);
            if (typeof to === 'number') expect(Number.isSafeInteger(to) && to >= min && to <= max).toBe(true);
            expect(from).not.toBeNull();
          }
        }),
        { numRuns: 1000 },
      );
    },
  );
});
