import { expect, it } from 'vitest';
import { settleIn, work, type Clock } from '../../real-host/density/demand.ts';
import { GuestRefused, GuestSilent } from '../../real-host/support/control-line.ts';

const PLAN = {
  workingSetMib: 64,
  steps: [
    { atS: 0, heapMib: 8 },
    { atS: 2, heapMib: 8 },
    { atS: 4, heapMib: 80 },
    { atS: 6, heapMib: 0 },
  ],
};

/** A guest for which a command takes as long as the test says. */
function fakeGuest(answer: (line: string, at: number) => number | Error): {
  readonly clock: Clock;
  readonly asked: string[];
  readonly command: (line: string) => Promise<string[]>;
} {
  let ms = 1000;
  const asked: string[] = [];
  return {
    asked,
    clock: {
      now: () => ms,
      waitUntil: async (until) => {
        ms = Math.max(ms, until);
      },
    },
    command: async (line) => {
      asked.push(`${(ms - 1000) / 1000} ${line}`);
      const takes = answer(line, ms);
      if (takes instanceof Error) throw takes;
      ms += takes;
      return [];
    },
  };
}

it('a guest takes memory only when the plan changes, and does each job at its time', async () => {
  const guest = fakeGuest((line) => (line.startsWith('fill') ? 100 : 300));
  expect(await work(guest, PLAN, guest.clock)).toEqual({ stepMs: [400, 300, 400, 400], failed: 0, answers: true });
  expect(guest.asked).toEqual([
    '0 fill 8 chunk',
    '0.1 work 64',
    '2 work 64',
    '4 fill 80 chunk',
    '4.1 work 64',
    '6 fill 0 chunk',
    '6.1 work 64',
  ]);
});

it('a slow guest is late, but leaves nothing out, and waiting for a late start is not counted twice', async () => {
  const guest = fakeGuest((line) => (line.startsWith('fill 80') ? 7000 : 100));
  expect((await work(guest, PLAN, guest.clock)).stepMs).toEqual([200, 100, 7100, 200]);
  expect(guest.asked.slice(-2)).toEqual(['11.1 fill 0 chunk', '11.2 work 64']);
});

it('a step without memory has failed, and the next one asks for the memory again', async () => {
  const plan = { ...PLAN, steps: [{ atS: 0, heapMib: 80 }, { atS: 2, heapMib: 80 }] }; // prettier-ignore
  let first = true;
  const guest = fakeGuest((line) => {
    if (!line.startsWith('fill') || !first) return 100;
    first = false;
    return new GuestRefused('fill: out of memory');
  });
  expect(await work(guest, plan, guest.clock)).toEqual({ stepMs: [0, 200], failed: 1, answers: true });
  expect(guest.asked).toEqual(['0 fill 80 chunk', '2 fill 80 chunk', '2.1 work 64']);
});

it('a guest that does not answer has ended its work', async () => {
  const guest = fakeGuest((_, at) => (at > 4000 ? new GuestSilent('no answer') : 100));
  expect(await work(guest, PLAN, guest.clock)).toEqual({ stepMs: [200, 100], failed: 0, answers: false });
});

it('a mistake of the test is not taken for a failure of the guest', async () => {
  const guest = fakeGuest(() => new TypeError('mistake'));
  await expect(work(guest, PLAN, guest.clock)).rejects.toThrow('mistake');
});

it('a guest touches its memory once before the plan begins, except for what its kernel spares', async () => {
  const asked: string[] = [];
  const command = async (line: string): Promise<string[]> => {
    asked.push(line);
    return line === 'memory' ? ['MemTotal:  700000 kB', 'MemFree:   409600 kB'] : [];
  };
  await settleIn({ command }, PLAN);
  expect(asked).toEqual(['swap', 'keep 64', 'memory', 'heap 272 pattern', 'heap 0 pattern']);
  await expect(settleIn({ command: async () => [] }, PLAN)).rejects.toThrow('no MemFree');
});
