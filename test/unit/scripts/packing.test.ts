import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packingMarkdown } from '../../../scripts/packing/markdown.ts';
import { brokenBy, killedAnywhere, notOvercommitted } from '../../../scripts/packing/limits.ts';
import type { Packed, PackedScenario, Packing } from '../../../scripts/packing/packing.ts';
import { nextNear } from '../../../scripts/packing/search.ts';
import { FAMILIES, FORGOTTEN, SHORTENED } from '../../../scripts/packing/set.ts';
import { SCENARIOS } from '../../../scripts/comparison/set.ts';
import { carried } from '../../../src/comparison/capacity.ts';
import { runJob } from '../../../src/compose/simulation-job.ts';
import { measured } from '../comparison/measured.ts';
import { guestSpec, scenario } from '../simulation/specs.ts';

describe('the set', () => {
  it('has all scenarios, each in one family', () => {
    const packed = FAMILIES.flatMap(({ scenarios }) => scenarios);
    expect(FORGOTTEN).toEqual([]);
    expect(new Set(packed).size).toBe(packed.length);
    for (const name of [...packed, ...SHORTENED.keys()]) expect(SCENARIOS).toContain(name);
  });
});

describe('the search near a guess', () => {
  function search(most: number, guess: number): Map<number, boolean> {
    const asked = new Map<number, boolean>();
    for (let next = nextNear(asked, guess); next !== null; next = nextNear(asked, guess)) {
      expect(asked.has(next)).toBe(false);
      asked.set(next, next <= most);
    }
    return asked;
  }

  it('finds the result from any guess, with few questions', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer({ min: 1, max: 300 }), (most, guess) => {
        const asked = search(most, guess);
        expect(carried(asked)).toEqual({ guests: most, fails: most + 1, keptAbove: [] });
        expect(asked.size).toBeLessThanOrEqual(2 + 2 * Math.ceil(Math.log2(Math.abs(most - guess) + 2)));
      }),
    );
  });

  it('asks twice where the guess is right', () => {
    expect([...search(20, 20).keys()]).toEqual([20, 21]);
  });
});

describe('the limits', () => {
  const guest = { name: 'a', ranS: 1000, stallS: 0, oomKills: 2, sizeKib: 0, demandKib: 0, residentKib: 0 };
  const killed = (oomKills: number) => ({ ...measured({ guestOomKills: oomKills }), guests: [{ ...guest, oomKills }] });

  it('allow in a guest what is killed in it on any host, and no more', () => {
    expect(brokenBy(killed(2), new Map([['a', 2]]))).toEqual([]);
    expect(brokenBy(killed(3), new Map([['a', 2]]))).toEqual(['killed in guests']);
    expect(brokenBy(killed(2), new Map([['b', 2]]))).toEqual(['killed in guests']);
  });

  it('allow the host to kill nobody, and guests to wait a hundredth of their time', () => {
    expect(brokenBy(measured({ stallS: 10 }), new Map())).toEqual([]);
    expect(brokenBy(measured({ stallS: 11 }), new Map())).toEqual(['waiting']);
    expect(brokenBy(measured({ hostOomKills: 1 }), new Map())).toEqual(['killed by the host']);
    expect(brokenBy(measured({ belowMinS: 1 }), new Map())).toEqual(['below their minimum']);
  });

  it('count for a guest that leaks what its own OOM killer ends on a host with room', async () => {
    const GIB = 1024 ** 2;
    const demand = { ...guestSpec({ name: 'leaks' }).demand, baseKib: 500 * 1024, leakKib: 4 * GIB };
    const leaking = guestSpec({ name: 'leaks', memoryKib: 2 * GIB, demand });
    const sound = guestSpec({ name: 'sound', memoryKib: 2 * GIB });
    const both = { ...scenario([leaking, sound]), durationS: 3600 };
    const run = (of: typeof both) =>
      runJob(
        { scenario: of, seed: 1, config: null, policies: null, parameters: [], output: null },
        new AbortController().signal,
        () => {},
      );
    const first = await run(both);
    expect(first.pain.guestOomKills).toBeGreaterThan(0);
    const roomy = killedAnywhere(both, first)!;
    expect(roomy.guests.map(({ name }) => name)).toEqual(['leaks']);
    const anyway = await run(roomy);
    expect(anyway.guests[0]!.oomKills).toBe(first.guests[0]!.oomKills);
    expect(killedAnywhere(both, measured({ guestOomKills: 3 }))).toBeNull();
  });
});

it('by size, guests fit whose memory together is at most that of the host less its reserve', () => {
  const GIB = 1024 ** 2;
  const own = scenario([guestSpec({ name: 'a', memoryKib: 2 * GIB })]);
  const host = { ...own.host, memoryKib: 10 * GIB, reserveKib: GIB };
  expect(notOvercommitted({ ...own, host })).toBe(4);
  expect(notOvercommitted({ ...own, host: { ...host, reserveKib: 2 * GIB } })).toBe(4);
  expect(notOvercommitted({ ...own, host: { ...host, reserveKib: 2 * GIB + 1 } })).toBe(3);
});

describe('the page', () => {
  const scenarioNamed = (name: string): PackedScenario => ({
    ...{ name, simulatedS: 3600, durationS: 3600, notOvercommitted: 10, bounds: [20, 20, 20], equalGuests: 15 },
  });
  const guests: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
    office: { ours: [19, 18, 19], theirs: [12, 12, 13], best: [19, 19, 19] },
    'time-of-day': { ours: [15, 15, 15], theirs: [17, 17, 17], best: [16, 14, 16] },
  };
  const names = Object.keys(guests);
  const policies = ['ours', 'theirs', 'best'];
  const seeds = [1, 2, 3];
  const all = names.flatMap((name) =>
    policies.flatMap((policy) => seeds.map((seed) => ({ scenario: name, policy, seed }))),
  );
  const packing: Packing = {
    ...{ scenarios: names.map(scenarioNamed), policies, seeds },
    packed: all.map((each): Packed => ({
      ...each,
      guests: guests[each.scenario]![each.policy]![each.seed - 1]!,
      stops: ['waiting'],
    })),
    equal: all.map((each) => ({ ...each, stallShare: each.policy === 'ours' ? 0.001 : 0.02, killed: 0 })),
  };
  const page = packingMarkdown(packing, [
    { title: 'Hours', scenarios: ['office'] },
    { title: 'Held-out', scenarios: ['time-of-day'] },
  ]);

  it('gives guests with their interval and as a share of the bound', () => {
    expect(page).toContain('| office | 10 | 20 | 18.7 ± 1.4<br>every seed: 18<br>93 ± 7 % | 12.3 ± 1.4 \u2212<br>');
  });

  it('says in words where the first policy is behind, and what may be chance', () => {
    expect(page).toContain('- **time-of-day**: behind `theirs` by 2 guests; and perhaps behind `best` by 0.3 guests');
    expect(page).toContain('- **office**: perhaps behind `best` by 0.3 guests, which may be chance.');
    expect(page).toContain('| theirs | 1 | 1 | 0 | 0 |');
  });

  it('says how far it is from the aim, and what stops it', () => {
    expect(page).toContain('reaches it in 1 of 2 scenarios');
    expect(page).toContain('- **time-of-day**: 75 %, 3 guests too few; what stops it: waiting.');
  });

  it('compares guests that peak at different hours with what fits by size', () => {
    expect(page).toContain('10 guests fit by size. `ours` carries 50 % more');
  });

  it('says what guests suffer when all policies have as many', () => {
    expect(page).toContain('| office | 15 | waits 0.1 %<br>0 killed | waits 2 % \u2212<br>0 killed |');
  });
});
