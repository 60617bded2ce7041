import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadScenario, parseScenario } from '../../../../src/simulation/scenario/load.ts';
import { renderProblem } from '../../../../src/yaml/problem.ts';

const GUESTS = 'guests: [{name: web, memory: 2GiB}]';

function problems(text: string): readonly string[] {
  const loaded = parseScenario('a.yaml', text);
  return 'problems' in loaded ? loaded.problems.map(renderProblem) : [];
}

function parsed(text: string) {
  const loaded = parseScenario('folder/a.yaml', text);
  if ('problems' in loaded) throw new Error(loaded.problems.map(renderProblem).join('\n'));
  return loaded.scenario;
}

describe('a scenario', () => {
  it('has its name from the file, and a default for all but its story and its guests', () => {
    const { name, story, durationS, host, guests } = parsed(`story: A day.\n${GUESTS}`);
    expect({ name, story, durationS }).toEqual({ name: 'a', story: 'A day.', durationS: 86_400 });
    expect(host.memoryKib).toBe(64 * 1024 ** 2);
    expect(guests.map((guest) => [guest.name, guest.memoryKib])).toEqual([['web', 2 * 1024 ** 2]]);
  });

  it('numbers the guests of a group, and starts them one after the other', () => {
    const { guests } = parsed('story: A day.\nguests: [{name: web, count: 10, memory: 1GiB, start: 1min, every: 10s}]');
    expect(guests.map(({ name }) => name).slice(8)).toEqual(['web-09', 'web-10']);
    expect(guests.map(({ life }) => life.startS).slice(0, 3)).toEqual([60, 70, 80]);
  });

  it('repeats its groups until the host is promised out as it says', () => {
    const text =
      'story: A day.\nfill: 150%\nhost: {memory: 16GiB}\nguests: [{name: a, memory: 1GiB}, {name: b, memory: 4GiB}]';
    const { guests } = parsed(text);
    expect(guests).toHaveLength(12);
    const promised = guests.reduce((sum, { memoryKib }) => sum + memoryKib, 0);
    expect(promised / (16 * 1024 ** 2)).toBeLessThanOrEqual(1.5);
    expect(promised / (16 * 1024 ** 2)).toBeGreaterThan(1.4);
  });

  it.each([
    [
      'a key that is misspelt',
      `story: A.\ndurration: 1h\n${GUESTS}`,
      'a.yaml:2:1: unknown key "durration"; did you mean "duration"?',
    ],
    ['no story', GUESTS, 'a.yaml:1:1: story is missing; write a sentence on one line, of at most 400 characters'],
    [
      'no guests',
      'story: A.',
      'a.yaml:1:1: guests is missing; write a list such as [{name: web, count: 10, memory: 2GiB}]',
    ],
    [
      'a name that begins with an underscore',
      'story: A.\nguests: [{name: __proto__, memory: 1GiB}]',
      'a.yaml:2:17: guests[0].name: "__proto__" is not a name of at most 64 letters, digits, `_`, `.` and `-` that begins with a letter or digit',
    ],
    [
      'a story that would control a terminal',
      'story: "red \\e[31m"\nguests: [{name: a, memory: 1GiB}]',
      'a.yaml:1:8: story: "red \\u001b[31m" is not a sentence on one line, of at most 400 characters',
    ],
    [
      'a guest that ends before it starts',
      'story: A.\nguests: [{name: a, memory: 1GiB, start: 1h, stop: 1min}]',
      'a.yaml:2:51: guests[0].stop: is not later than start',
    ],
    [
      'a guest that leaves before it starts',
      'story: A.\nguests: [{name: a, memory: 1GiB, start: 1h, migrate: 1h}]',
      'a.yaml:2:54: guests[0].migrate: is not later than start',
    ],
    [
      'no unit',
      'story: A.\nguests: [{name: a, memory: 5}]',
      'a.yaml:2:28: guests[0].memory: 5 has no unit; write 5KiB, 5MiB, 5GiB or 5TiB',
    ],
    [
      'too many guests',
      'story: A.\nguests: [{name: a, count: 9999, memory: 1GiB}, {name: b, count: 2, memory: 1GiB}]',
      'a.yaml:2:9: guests: these are 10001 guests; at most 10000 are simulated',
    ],
    [
      'a huge number',
      'story: A.\nguests: [{name: a, count: 1e300, memory: 1GiB}]',
      'a.yaml:2:27: guests[0].count: 1e+300 is not a whole number from 1 to 10000',
    ],
    [
      'two guests of one name',
      'story: A.\nguests: [{name: a, memory: 1GiB}, {name: a, memory: 2GiB}]',
      'a.yaml:2:9: guests: two guests are named "a"',
    ],
    [
      'a minimum above the memory',
      'story: A.\nguests: [{name: a, memory: 1GiB, min: 2GiB}]',
      'a.yaml:2:39: guests[0].min: is larger than the memory of the guest',
    ],
    [
      'points out of order',
      'story: A.\nguests: [{name: a, memory: 1GiB, demand: {points: [{at: 2h, size: 0KiB}, {at: 1h, size: 1GiB}]}}]',
      'a.yaml:2:79: guests[0].demand.points[1].at: is not later than the point before it',
    ],
    [
      'a day without length',
      `story: A.\nhost: {other: {day: {peak: 1GiB, from: 8h, to: 8h}}}\n${GUESTS}`,
      'a.yaml:2:48: host.other.day.to: is the same as from: such a day has no length',
    ],
    [
      'a host without memory',
      `story: A.\nhost: {memory: 4GiB, reserve: 4GiB}\n${GUESTS}`,
      'a.yaml:2:31: host.reserve: with arc.min it leaves less than a tenth of the memory of the host',
    ],
    [
      'a node that the host does not have',
      'story: A.\nhost: {numa: {nodes: 2}}\nguests: [{name: a, memory: 1GiB, node: 1}, {name: b, memory: 1GiB, node: 2}]',
      'a.yaml:3:74: guests[1].node: the host has no node 2; it has nodes 0 to 1',
    ],
    [
      'a node, and a host without nodes',
      'story: A.\nguests: [{name: a, memory: 1GiB, node: 1}]',
      'a.yaml:2:40: guests[0].node: the host has no node 1; it has node 0 only; host.numa.nodes adds others',
    ],
    [
      'more nodes than CPUs',
      `story: A.\nhost: {cpus: 2, numa: {nodes: 4}}\n${GUESTS}`,
      'a.yaml:2:31: host.numa.nodes: each node needs a CPU, and host.cpus is 2',
    ],
    [
      'a number in place of nodes',
      `story: A.\nhost: {numa: 2}\n${GUESTS}`,
      'a.yaml:2:14: host.numa: 2 is not a group of keys',
    ],
    [
      'a node that is no number',
      'story: A.\nguests: [{name: a, memory: 1GiB, node: left}]',
      'a.yaml:2:40: guests[0].node: "left" is not a whole number from 0 to 63',
    ],
    [
      'an alias, with which a small file can become a large one',
      'story: &a A.\nguests: [*a, *a]',
      'a.yaml:2:10: aliases such as *a are not supported; write the value out',
    ],
    ['a list in place of keys', '[1, 2]', 'a.yaml:1:1: a scenario is made of keys and values, such as "duration: 24h"'],
  ])('with %s has one clear problem', (_, text, problem) => {
    expect(problems(text)[0]).toContain(problem);
  });

  it('that cannot be read, or is too large, has a problem too', async () => {
    expect(await loadScenario('does-not-exist.yaml')).toMatchObject({
      problems: [{ message: 'there is no such file or directory' }],
    });
    const read = async () => Buffer.alloc(33 * 1024 ** 2, 'a');
    expect(await loadScenario('a.yaml', { read, list: async () => [] })).toMatchObject({
      problems: [{ message: 'is larger than 32 MiB, the limit for a scenario' }],
    });
  });

  it('never throws, whatever the file has, and is bounded', () => {
    const any = fc.oneof(
      fc.string(),
      fc.double(),
      fc.constantFrom('1GiB', '64TiB', '744h', '0s', '100%', null, true, -1),
    );
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        any,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(value, value, (host, guest) => {
        const loaded = parseScenario('a.yaml', JSON.stringify({ story: 'A.', host, guests: [guest] }));
        if ('scenario' in loaded) expect(loaded.scenario.guests.length).toBeLessThanOrEqual(10_000);
        else expect(loaded.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 300, seed: 11 },
    );
  });
});

const key = fc.constantFrom(
  ...[
    'name',
    'count',
    'memory',
    'demand',
    'bursts',
    'day',
    'points',
    'size',
    'rate',
    'balloon',
    'moves',
    'other',
    'arc',
  ],
);

describe('the shipped scenarios', () => {
  const files = readdirSync('scenarios', { recursive: true, encoding: 'utf8' });
  it.each(files.filter((file) => file !== 'held-out'))('%s is valid and begins with its story', (file) => {
    expect(file).toMatch(/^(held-out\/)?[a-z0-9-]+\.yaml$/);
    const text = readFileSync(`scenarios/${file}`, 'utf8');
    expect(text).toMatch(/^story: "[A-Z].*[.?]"\n/);
    expect(problems(text)).toEqual([]);
  });
});
