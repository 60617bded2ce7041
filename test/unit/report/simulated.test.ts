import { describe, expect, it } from 'vitest';
import { RecordingAnalysis } from '../../../src/analysis/recording-analysis.ts';
import { guestBuckets, reportPage } from '../../../src/report/page.ts';
import { simulatedGuest, type SimulatedPart } from '../../../src/report/simulated.ts';
import { DAY_FROM, DAY_HEADER, recordedDay } from '../../support/recorded-day.ts';
import { measured } from '../comparison/measured.ts';

const STEPS = 4;

/** Steps of 500 s, in the third of which the guest waited, and did not run in the last. */
function partOf(name: string, story = 'A test.'): SimulatedPart {
  const guestSeries = [{ name, demandKib: [100, 200, 300, null], stallS: [0, 0, 50, 0] }];
  return {
    ...{ scenario: 'night', story, policy: 'balloon', seed: 7, startMs: DAY_FROM },
    measured: { ...measured({ stallS: 50 }, { balloonGibH: 2 }), guestSeries },
  };
}

describe('what only a simulation knows of a guest', () => {
  it('is in the buckets of its chart, whatever their width', () => {
    const fine = simulatedGuest(partOf('web'), 'web', { fromMs: DAY_FROM, widthMs: 250_000, count: 2 * STEPS })!;
    expect(fine.demand.lows).toEqual([100, 100, 200, 200, 300, 300, null, null]);
    expect(fine.waiting).toEqual([0, 0, 0, 0, 10, 10, null, null]);
    const coarse = simulatedGuest(partOf('web'), 'web', { fromMs: DAY_FROM, widthMs: 1_000_000, count: 2 })!;
    expect([coarse.demand.lows, coarse.waiting]).toEqual([
      [150, 300],
      [0, 10],
    ]);
  });

  it('is nothing where the guest has no series', () => {
    expect(simulatedGuest(partOf('web'), 'other', { fromMs: DAY_FROM, widthMs: 1000, count: 1 })).toBeNull();
  });
});

describe('the page of a simulation', () => {
  const pageOf = (story?: string): string => {
    const analysis = new RecordingAnalysis({ guestBuckets });
    analysis.begin(DAY_HEADER);
    for (const interval of recordedDay({ guests: 2, intervals: 400, names: ['web', 'db'] })) analysis.add(interval);
    const simulated = partOf('web', story);
    return reportPage(analysis.result()!, { sources: [], warnings: [], version: '1', simulated, sha256: () => '' });
  };

  it('has the scenario, the policy, pain and gain, and the demand of the guests', () => {
    const page = pageOf();
    expect(page).toContain('<h1>Ballast simulation: night</h1>');
    expect(page).toContain('<strong>balloon</strong>, seed 7');
    expect(page).toMatch(/given back by balloons<\/th>\s*<td class="n">2 GiB h/);
    expect(page.match(/class="demand" data-name="wanted"/g)).toHaveLength(1);
    expect(page).toContain('simulated time');
    expect(page.replace(/<(style|script)>[^]*?<\/\1>/g, '')).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('shows a hostile story as text', () => {
    expect(pageOf('</p><script>alert(1)</script>').match(/<script/g)).toHaveLength(1);
  });
});
