import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../../../src/simulation/scenario/load.ts';
import type { Scenario } from '../../../../src/simulation/scenario/model.ts';
import { scenarioText } from '../../../../src/simulation/scenario/write.ts';
import { demandSpec, GIB, guestSpec, hostSpec, ksmSpec, MIB, scenario } from '../specs.ts';

function readBack(name: string, text: string): Scenario {
  const parsed = parseScenario(`${name}.yaml`, text);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.scenario;
}

describe('the text of a scenario', () => {
  const files = readdirSync('scenarios', { recursive: true, encoding: 'utf8' });
  it.each(files.filter((file) => file.endsWith('.yaml')))('of %s gives the same scenario', (file) => {
    const original = readBack(basename(file, '.yaml'), readFileSync(`scenarios/${file}`, 'utf8'));
    expect(readBack(original.name, scenarioText(original))).toEqual(original);
  });

  it('has everything that a guest can have', () => {
    const original = scenario(
      [
        guestSpec({
          ...{ name: 'a-1', minKib: 100 * MIB, swapKib: 3, idle: 0.1, freePageReporting: true },
          demand: demandSpec({ points: Array.from({ length: 20 }, (_, at) => ({ atS: at * 61, sizeKib: at * 1000 })) }),
          balloon: { moves: 'hollow', rateKib: 7, limitKib: 5 * MIB, lateS: 61 },
          statistics: { kind: 'windows', periodS: 10, lateS: 3, untilS: 3601 },
          sharing: { image: 'debian', share: 0.123, writes: 0.5 },
          life: { startS: 5, stopS: 700, rebootsS: [60, 120], migrateS: 600, migrationS: 30 },
          node: 1,
          running: { sizeKib: 600 * MIB, cacheKib: 100 * MIB, residentKib: 500 * MIB },
        }),
      ],
      {
        story: 'It "quotes" a \\ and: # all.',
        host: hostSpec({
          arc: { minKib: GIB, maxKib: 2 * GIB },
          ksm: ksmSpec({ run: true, mergeAcrossNodes: false }),
          numa: { nodes: 4 },
        }),
      },
    );
    expect(readBack('test', scenarioText(original, ['a note']))).toEqual({
      ...original,
      guests: [{ ...original.guests[0], life: { ...original.guests[0]!.life } }],
    });
  });

  it('holds a day in steps of a minute for each of 200 guests', () => {
    const points = Array.from({ length: 1440 }, (_, at) => ({ atS: at * 60, sizeKib: 1_000_000 + at * 7 }));
    const guests = Array.from({ length: 200 }, (_, at) =>
      guestSpec({ name: `g-${at}`, demand: demandSpec({ points }) }),
    );
    const text = scenarioText(scenario(guests));
    expect(text.length).toBeLessThan(8 * 1024 ** 2);
    expect(readBack('test', text).guests[199]!.demand.points).toEqual(points);
  });
});

describe('points as a text', () => {
  const parse = (points: string) =>
    parseScenario('a.yaml', `story: A test.\nguests:\n  - {name: a, memory: 1GiB, demand: {points: "${points}"}}\n`);

  it.each([
    ['0s 1GiB, 5min 2GiB', null],
    ['0s 1GB', /a\.yaml.*points.*"1GB" is not a size; did you mean 1GiB\?/],
    ['0s', /size.* is missing; write a size/],
    ['0s 1GiB, 0s 2GiB', /is not later than the point before it/],
    ['', /is not a duration/],
  ])('%j', (points, problem) => {
    const parsed = parse(points);
    if (problem === null) expect(parsed).toHaveProperty('scenario');
    else expect(JSON.stringify(parsed).replaceAll('\\"', '"')).toMatch(problem);
  });
});
