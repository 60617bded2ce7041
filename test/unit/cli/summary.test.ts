import { describe, expect, it } from 'vitest';
import { renderSummary } from '../../../src/cli/handlers/replay-summary.ts';
import { Summary } from '../../../src/engine/summary.ts';
import type { IntervalReport } from '../../../src/model/interval-report.ts';
import { layoutOf } from '../../../src/model/field.ts';
import { EMPTY_MEMORY } from '../../../src/model/memory.ts';
import type { Action } from '../../../src/model/decision.ts';
import { guestSnapshot, snapshot } from '../../support/builders.ts';

const LAYOUTS = { host: layoutOf(['ksm_pages_sharing', 'page_size']), guest: layoutOf(['balloon_cur', 'balloon_max']) };
const NO_KSM = { host: layoutOf([]), guest: LAYOUTS.guest };
const MIB = 1024;

function action(guest: ReturnType<typeof guestSnapshot> | null, to: number): Action {
  const control = guest === null ? 'ksm_run' : 'balloon_target';
  return { controller: 'x', control, guest, from: 0, to, message: 'x', reason: null, position: null, notes: [] };
}

/** One interval: the memory shared by KSM, the balloon sizes of guests of 1000 MiB, and the decisions. */
function report(
  timeMs: number,
  sharing: number | null,
  balloons: readonly (number | null)[],
  actions: readonly Action[] | null = null,
): IntervalReport {
  const guests = balloons.flatMap((mib, index) =>
    mib === null ? [] : [guestSnapshot(index + 1, [mib * MIB, 1000 * MIB])],
  );
  const judgement =
    actions === null ? null : { evaluated: true, decision: { requests: [], errors: [] }, plan: { actions, held: [] } };
  return {
    snapshot: snapshot(timeMs, guests, sharing === null ? [] : [sharing, 4]),
    input: null,
    judgement,
    outcomes: [],
    memoryBefore: EMPTY_MEMORY,
    conditions: () => [],
    overrides: [],
    took: { collectMs: 0, decideMs: 0, applyMs: 0 },
  };
}

describe('the summary', () => {
  it("has each guest's start, end, lowest and highest target and number of decisions", () => {
    const summary = new Summary(LAYOUTS);
    const [one, two] = [guestSnapshot(1, []), guestSnapshot(2, [])];
    summary.add(report(0, 0, [1000, 900], [action(one, 900 * MIB)]));
    summary.add(report(1, 0, [900, null], [action(one, 800 * MIB), action(null, 1)]));
    summary.add(report(2, 0, [800, 950], [action(one, 850 * MIB), action(two, 940 * MIB)]));
    summary.add(report(3, 0, [850, 950]));
    expect(summary.guests()).toMatchObject([
      {
        name: 'guest-1',
        startKib: 1000 * MIB,
        endKib: 850 * MIB,
        lowestTargetKib: 800 * MIB,
        highestTargetKib: 900 * MIB,
        decisions: 3,
      },
      {
        name: 'guest-2',
        startKib: 900 * MIB,
        endKib: 950 * MIB,
        lowestTargetKib: 940 * MIB,
        highestTargetKib: 940 * MIB,
        decisions: 1,
      },
    ]);
    expect(summary.host()).toMatchObject({ intervals: 4, evaluations: 3, ksmChanges: 1, fromMs: 0, toMs: 3 });
  });

  it('adds up the memory that balloons and KSM reclaimed at the same time', () => {
    const summary = new Summary(LAYOUTS);
    summary.add(report(0, 0, [600, 1000]));
    summary.add(report(1, 256 * 100, [800, 900]));
    summary.add(report(2, 256 * 300, [1000, 1000]));
    expect(summary.host()).toMatchObject({
      mostBalloonedKib: 400 * MIB,
      lastBalloonedKib: 0,
      mostPagesSharing: 256 * 300,
      lastPagesSharing: 256 * 300,
      mostReclaimedKib: 400 * MIB,
      lastReclaimedKib: 300 * MIB,
    });
  });

  it.each([
    ['the size of its pages', ['ksm_pages_sharing', 'page_size'], [100, 64], [], 6400],
    ['what KSM saves', ['ksm_pages_sharing', 'ksm_saved'], [100, 0], [], 0],
    ['its gain in bytes', ['ksm_pages_sharing', 'ksm_general_profit'], [100, 6_547_200], [], 6400],
    ['a process of known size', ['ksm_pages_sharing'], [100], [65_536, 1024], 6400],
    ['a process of an impossible size', ['ksm_pages_sharing'], [100], [8000, 1000], null],
    ['nothing of it', ['ksm_pages_sharing'], [100], [], null],
  ])('takes what KSM saved from %s', (_, fields, host, sizes, want) => {
    const guest = layoutOf(['balloon_rss', 'rss']);
    const summary = new Summary({ host: layoutOf(fields), guest });
    const { snapshot: at, ...rest } = report(0, null, []);
    summary.add({ ...rest, snapshot: snapshot(at.timeMs, [guestSnapshot(1, sizes)], host) });
    expect(summary.host().lastSharedKib).toBe(want);
    if (want === null) expect(renderSummary(summary.host(), [])).toContain('by KSM             unknown: the page size');
  });

  it('is two tables that mark which columns are recorded and which are decided', () => {
    const summary = new Summary(LAYOUTS);
    summary.add(report(0, 0, [1000, 1000], [action(guestSnapshot(1, []), 900 * MIB)]));
    summary.add(report(90_000, 25_600, [900, 1000], []));
    expect(renderSummary(summary.host(), summary.guests())).toBe(
      [
        'guest (KiB)    start      end  lowest target  highest target  decisions  errors',
        'guest-1      1024000   921600         921600          921600          1       0',
        'guest-2      1024000  1024000              -               -          0       0',
        '',
        'host',
        'time                 1970-01-01T00:00:00.000Z to 1970-01-01T00:01:30.000Z (1.5 min)',
        'intervals            2, the policy evaluated in 2',
        'KSM changes          0',
        'pages shared by KSM  25600 at most, 25600 at the end',
        'memory reclaimed     200 MiB at most, 200 MiB at the end',
        '  by balloons        100 MiB at most, 100 MiB at the end',
        '  by KSM             100 MiB at most, 100 MiB at the end',
        'requests held back   0',
        'policy errors        0',
        '',
        'Targets, decisions and KSM changes are what the policy would have decided. Sizes, shared pages and reclaimed memory',
        'are as they were recorded.',
        '',
      ].join('\n'),
    );
  });

  it('distinguishes a host without KSM from one where KSM shares nothing', () => {
    const [without, idle] = [new Summary(NO_KSM), new Summary(LAYOUTS)];
    without.add(report(0, null, []));
    idle.add(report(0, 0, []));
    expect(renderSummary(without.host(), [])).toMatch(/^pages shared by KSM {2}no KSM on this host$/m);
    expect(renderSummary(idle.host(), [])).toMatch(/^pages shared by KSM {2}0 at most, 0 at the end$/m);
  });

  it.each([
    ['KSM saves nothing', 'ksm_saved', 0, 'of guests that are gone'],
    ['no guest process exists', 'ksm_shareable', 0, 'of guests that are gone'],
    ['guest processes exist', 'ksm_shareable', 4096, null],
  ])('tells pages apart that KSM counts although their guests are gone: %s', (_, field, value, note) => {
    const summary = new Summary({
      host: layoutOf(['ksm_pages_sharing', 'page_size', field]),
      guest: LAYOUTS.guest,
    });
    const { snapshot: at, ...rest } = report(0, null, []);
    summary.add({ ...rest, snapshot: snapshot(at.timeMs, [], [25_600, 4, value]) });
    const text = renderSummary(summary.host(), []);
    const pages = note === null ? 25_600 : 0;
    const tail = note === null ? '' : `; the kernel still counts 25600 ${note}`;
    expect(text).toContain(`pages shared by KSM  ${pages} at most, ${pages} at the end${tail}\n`);
    if (note !== null) expect(text).toContain('memory reclaimed     0 MiB at most, 0 MiB at the end');
  });

  it('does not take guests for gone while nobody knows which run', () => {
    const summary = new Summary({ host: layoutOf(['ksm_pages_sharing', 'ksm_saved']), guest: LAYOUTS.guest });
    const { snapshot: at, ...rest } = report(0, null, []);
    const lost = { collector: 'hypervisor', guest: null, message: 'not connected' };
    summary.add({ ...rest, snapshot: snapshot(at.timeMs, [guestSnapshot(1, [MIB, MIB])], [25_600, 102_400]) });
    summary.add({ ...rest, snapshot: { ...snapshot(at.timeMs, [], [25_600, 0]), problems: [lost] } });
    expect(summary.host()).toMatchObject({
      lastPagesSharing: 25_600,
      stalePagesSharing: null,
      lastSharedKib: 102_400,
    });
  });

  it('reports when there is nothing to summarize', () => {
    expect(renderSummary(new Summary(LAYOUTS).host(), [])).toMatch(
      /^no guests were recorded\n\nhost\ntime +nothing recorded$/m,
    );
  });

  it('escapes guest names so that they cannot forge a line', () => {
    const summary = new Summary(LAYOUTS);
    const evil = { ...guestSnapshot(1, [MIB, MIB]), name: 'a\nweb-1 1 1' };
    summary.add({ ...report(0, 0, []), snapshot: snapshot(0, [evil], [0]) });
    expect(renderSummary(summary.host(), summary.guests()).split('\n')[1]).toMatch(/^a\\x0aweb-1\\x201\\x201 /);
  });
});
