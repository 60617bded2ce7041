import { describe, expect, it } from 'vitest';
import { Decider } from '../../../src/engine/decider.ts';
import type { Decision } from '../../../src/model/decision.ts';
import type { GuestSnapshot } from '../../../src/model/snapshot.ts';
import type { Controller } from '../../../src/plugin/controller.ts';
import { loadPolicy } from '../../../src/policy/index.ts';
import { guestSnapshot, LAYOUTS, snapshot, uuidOf } from '../../support/builders.ts';

/** Plans every request, so that the test sees what arrives. */
const permissive: Controller = {
  name: 'permissive',
  controls: [{ name: 'balloon_target', scope: 'guest', type: 'number', unit: 'KiB', doc: '', source: '' }],
  plan: (requests) => ({
    actions: requests.map(({ name, guest, value, reason, position }) => ({
      controller: 'permissive',
      control: name,
      guest,
      from: null,
      to: value,
      message: `${guest?.name} to ${String(value)}`,
      reason,
      position,
      notes: [],
    })),
    held: [],
  }),
  describe: () => '',
  create: () => {
    throw new Error('not in this test');
  },
};

function decider(policy: string, historyLength = 3): Decider {
  const { program, diagnostics } = loadPolicy([{ file: 'test.policy', text: policy }]);
  expect(diagnostics).toEqual([]);
  const { host: hostLayout, guest: guestLayout } = LAYOUTS;
  return new Decider(program, {
    historyLength,
    hostLayout,
    guestLayout,
    hostProps: { name: 'host' },
    planners: { guards: [], controllers: [permissive] },
    settings: {},
    evaluate: {},
  });
}

function judge(subject: Decider, timeMs: number, guests: readonly GuestSnapshot[]) {
  return subject.judge(subject.observe(snapshot(timeMs, guests))!);
}

const requestsOf = (decision: Decision) =>
  decision.requests.map(({ name, guest, value }) => [name, guest?.name ?? 'host', value]);

describe('Decider', () => {
  it('averages over the history and not beyond', () => {
    const subject = decider('(with Guests g (g.Control "balloon_target" (g.StatAvg "balloon_cur")))', 2);
    judge(subject, 1, [guestSnapshot(1, [1000, 9])]);
    judge(subject, 2, [guestSnapshot(1, [10, 9])]);
    expect(requestsOf(judge(subject, 3, [guestSnapshot(1, [20, 9])]).decision)).toEqual([
      ['balloon_target', 'guest-1', 15],
    ]);
  });

  it('keeps variables from interval to interval, also when the policy changes', () => {
    const count = '(Host.SetVar "n" (+ 1 (if (null (Host.GetVar "n")) 0 (Host.GetVar "n"))))';
    const subject = decider(count);
    judge(subject, 1, []);
    judge(subject, 2, []);
    const { program } = loadPolicy([
      { file: 'other.policy', text: `${count} (with Guests g (g.Control "balloon_target" (Host.GetVar "n")))` },
    ]);
    subject.replace(program, { settings: {}, evaluate: {}, keptSnapshots: 3 });
    expect(requestsOf(judge(subject, 3, [guestSnapshot(1, [1, 9])]).decision)).toEqual([
      ['balloon_target', 'guest-1', 3],
    ]);
  });

  it('forgets the variables of a guest that is gone for good, but not of one that is missing briefly', () => {
    const subject = decider('(with Guests g (g.SetVar "seen" 1))', 2);
    judge(subject, 1, [guestSnapshot(1, [1, 9]), guestSnapshot(2, [1, 9])]);
    judge(subject, 2, [guestSnapshot(1, [1, 9])]);
    expect([...subject.memory.guests.keys()]).toEqual([uuidOf(1), uuidOf(2)]);
    judge(subject, 3, [guestSnapshot(1, [1, 9])]);
    expect([...subject.memory.guests.keys()]).toEqual([uuidOf(1)]);
  });

  it('holds back a control without a controller, and names it', () => {
    const { plan } = judge(decider('(Host.Control "ksm_run" 1)'), 1, []);
    expect(plan).toMatchObject({
      actions: [],
      held: [{ kind: 'held', control: 'ksm_run', wanted: 1, why: expect.stringContaining('no active controller') }],
    });
  });

  it('decides the same for the same input, however often', () => {
    const policy =
      '(with Guests g (g.Control "balloon_target" (+ (g.StatAvg "balloon_cur") (Host.StatAvg "mem_free"))))';
    const run = () => [1, 2, 3, 4].map((n) => judge(decider(policy), n, [guestSnapshot(1, [n * 10, 9])]));
    expect(run()).toEqual(run());
  });

  it("does not evaluate the policy while the host's own values are missing", () => {
    expect(decider('1').observe(snapshot(1, [], null))).toBeNull();
  });

  it('gives the policy, and one beside it, statistics of the complete hours before', () => {
    const asks = (field: string) => `(with Guests g (g.Control "balloon_target" (g.StatPercentile "${field}" 50%)))`;
    const subject = decider(asks('balloon_cur'));
    const { program } = loadPolicy([{ file: 'other.policy', text: asks('balloon_max') }]);
    const beside = subject.beside(program!, { keptSnapshots: 3, evaluate: {} });
    const targets = Array.from({ length: 121 }, (_, minute) => {
      const now = snapshot(minute * 60_000, [guestSnapshot(1, [1000 + minute, 9])]);
      const own = subject.judge(subject.observe(now)!);
      const others = beside.judge(beside.observe(now)!, null);
      return [own, others].map(({ decision }) => decision.requests[0]?.value ?? null);
    });
    expect(targets.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => [null, null]));
    expect(targets[60]).toEqual([expect.closeTo(1030, -1.6), expect.closeTo(9, 0)]);
    expect(targets[119]).toEqual(targets[60]);
    expect(targets[120]).toEqual([expect.closeTo(1060, -1.6), expect.closeTo(9, 0)]);
  });
});
