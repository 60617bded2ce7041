import { describe, expect, it } from 'vitest';
import { EMPTY_MEMORY, remember, type PolicyMemory } from '../../../src/model/memory.ts';
import { evaluate, loadPolicy } from '../../../src/policy/index.ts';
import { headerSchema } from '../../../src/recording/format.ts';
import { decodeMemory, encodeMemory } from '../../../src/recording/memory.ts';
import { header } from '../../support/builders.ts';
import { inputOf } from '../policy/support.ts';

const POLICY = `
  (Host.SetVar "n" 7)
  (Host.Control "held" (held-for "low" 1 30s))
  (every 1min (Host.Control "every" 1))
  (with Guests g {
    (g.SetVar "m" "x")
    (g.Control "held" (held-for "low" 1 30s))
    (cooldown 1min (g.Control "cooldown" 1))
  })`;
const { program } = loadPolicy([{ file: 'p', text: POLICY }]);
const INPUT = inputOf({}, { a: { m: 1 } });
const at = (seconds: number, memory: PolicyMemory) => evaluate(program!, { ...INPUT, timeMs: seconds * 1000 }, memory);
const MEMORY = [0, 10, 20].reduce((memory, seconds) => remember(memory, at(seconds, memory).writes), EMPTY_MEMORY);

/** Encodes to the first line of a file and decodes again. */
function roundTrip(memory: ReturnType<typeof encodeMemory>): PolicyMemory {
  return decodeMemory(headerSchema.parse(JSON.parse(JSON.stringify(header({ memory })))).memory);
}

describe('the memory in the header of a recording', () => {
  it('round-trips, with timers separate from variables', () => {
    expect(roundTrip(encodeMemory(MEMORY))).toEqual(MEMORY);
    expect(roundTrip(encodeMemory(EMPTY_MEMORY))).toEqual(EMPTY_MEMORY);
    expect(encodeMemory(MEMORY)).toEqual({
      host: { n: 7 },
      guests: { 'uuid of a': { m: 'x' } },
      timers: {
        evaluated: 20_000,
        host: { 'held-for low': [0, 20_000], 'every 1min (Host.Contro fe7fee36': 0 },
        guests: { 'uuid of a': { 'held-for low': [0, 20_000], 'cooldown 1min (g.Contro f52e803b': 0 } },
      },
    });
  });

  it('keeps variables with the names of timers', () => {
    const memory = {
      ...MEMORY,
      host: new Map([
        ['evaluated at', 5],
        ['held-for low', 6],
      ]),
    };
    expect(roundTrip(encodeMemory(memory))).toEqual(memory);
  });

  describe('of an old recording with timers among the variables', () => {
    const old = () => {
      const { host, guests, timers } = encodeMemory(MEMORY);
      return {
        host: { ...host, ...timers!.host, 'evaluated at': timers!.evaluated, 'held-for other': null },
        guests: { 'uuid of a': { ...guests['uuid of a'], ...timers!.guests['uuid of a'], 'held-for other': null } },
      };
    };

    it('is read as the same timers and variables', () => {
      expect(roundTrip(old())).toEqual(MEMORY);
    });

    it('leads to the same decisions', () => {
      const after = at(30, roundTrip(old()));
      expect(after).toEqual(at(30, MEMORY));
      expect(after.decision.requests.map(({ guest, name, value }) => `${guest?.name} ${name}=${value}`)).toEqual([
        'undefined held=true',
        'a held=true',
      ]);
    });

    it.each([
      ['evaluated at', 'noon'],
      ['evaluated at', null],
      ['held-for low', 5],
      ['held-for low', [1]],
      ['held-for low', [1, 2, 3]],
      ['held-for low', [1, 'x']],
      ['held-for', [1, 2]],
      ['every 1min (Host.Contro fe7fee36', 'x'],
      ['every 1min (Host.Contro fe7fee3', 1],
      ['every day', 1],
      ['at every 1min (Host.Contro fe7fee36', 1],
      ['cooldowns', 1],
    ])('keeps the variable %j = %j', (name, value) => {
      const { host, timers } = roundTrip({ host: { [name]: value }, guests: {} });
      expect([...host]).toEqual([[name, value]]);
      expect(timers).toEqual(EMPTY_MEMORY.timers);
    });

    it('treats the second of two every forms with equal text as a timer, too', () => {
      const { host, timers } = roundTrip({ host: { 'every 60s (set n (+ n  00c0ffee-2': 4 }, guests: {} });
      expect(host.size).toBe(0);
      expect([...timers.host.values()]).toEqual([{ ranMs: 4 }]);
    });
  });
});
