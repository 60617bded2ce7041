import { describe, expect, it } from 'vitest';
import { ksm } from '../../../controllers/ksm.ts';
import type { Held } from '../../../src/model/decision.ts';
import type { FieldValue } from '../../../src/model/field.ts';
import { inputOf, planOf } from '../../support/planning.ts';

const AT_FIRST = {
  ksm_run: 1,
  ksm_pages_to_scan: 100,
  ksm_sleep_millisecs: 20,
  ksm_merge_across_nodes: 1,
  ksm_advisor_mode: 'none',
  ksm_pages_shared: 0,
};

/** What a restore writes when these fields have changed since the start, and what it held back before. */
function restored(now: Record<string, FieldValue>, held: readonly Held[] = [], first: Record<string, FieldValue> = {}) {
  const found = ksm.values!(inputOf({ ...AT_FIRST, ...first }));
  const input = inputOf({ ...AT_FIRST, ...now });
  const { requests } = ksm.restore!(found, input, held);
  return planOf(ksm, requests, input).actions.map(({ message }) => message);
}

const NO_UNMERGE: Held = {
  kind: 'held',
  controller: 'ksm',
  control: 'ksm_run',
  guest: null,
  wanted: 2,
  why: 'unmerging does not fit',
};

describe('restoring KSM', () => {
  it('requests nothing when nothing changed', () => {
    expect(restored({})).toEqual([]);
  });

  it('requests what changed, in the order of the plan', () => {
    expect(restored({ ksm_run: 0, ksm_pages_to_scan: 400 })).toEqual([
      'KSM pages_to_scan from 400 to 100',
      'KSM run from 0 to 1',
    ]);
  });

  it('ignores knobs that this kernel lacks or that cannot be read', () => {
    expect(restored({ ksm_sleep_millisecs: null }, [], { ksm_sleep_millisecs: null })).toEqual([]);
  });

  it('unmerges first when the kernel would refuse otherwise, and restores run in the next pass', () => {
    expect(restored({ ksm_merge_across_nodes: 0, ksm_pages_shared: 12 })).toEqual([
      'KSM run from 1 to 2',
      'KSM merge_across_nodes from 0 to 1',
    ]);
    expect(restored({ ksm_run: 2 })).toEqual(['KSM run from 2 to 1']);
  });

  it('does not unmerge when nothing is shared', () => {
    expect(restored({ ksm_merge_across_nodes: 0 })).toEqual(['KSM merge_across_nodes from 0 to 1']);
  });

  it('restores the others when unmerging was held back', () => {
    const now = { ksm_run: 0, ksm_merge_across_nodes: 0, ksm_sleep_millisecs: 50, ksm_pages_shared: 12 };
    expect(restored(now, [NO_UNMERGE])).toEqual(['KSM sleep_millisecs from 50 to 20', 'KSM run from 0 to 1']);
  });

  it('leaves pages_to_scan to an advisor that was on at start', () => {
    expect(restored({ ksm_pages_to_scan: 777 }, [], { ksm_advisor_mode: 'scan-time' })).toEqual([
      'KSM advisor_mode from none to scan-time',
    ]);
  });

  it('sets pages_to_scan again after turning off an advisor that was off at start', () => {
    expect(restored({ ksm_advisor_mode: 'scan-time' })).toEqual([
      'KSM advisor_mode from scan-time to none',
      'KSM pages_to_scan from 100 to 100',
    ]);
  });

  it('shows writes as if they had taken effect', () => {
    const input = ksm.settled!(inputOf(AT_FIRST), [{ control: 'ksm_run', guest: null, value: 0 }]);
    expect(ksm.values!(input)).toContainEqual({ control: 'ksm_run', guest: null, value: 0 });
  });
});
