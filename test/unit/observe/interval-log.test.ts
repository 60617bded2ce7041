import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { IntervalLog } from '../../../src/observe/interval-log.ts';
import type { GuardCondition } from '../../../src/model/condition.ts';
import type { IntervalReport } from '../../../src/model/interval-report.ts';
import { toStream } from '../../../src/observe/log/destination.ts';
import { createLogger } from '../../../src/observe/log/logger.ts';
import { EMPTY_MEMORY } from '../../../src/model/memory.ts';
import type { Action, Held, Outcome, PolicyError } from '../../../src/model/decision.ts';
import type { CollectProblem } from '../../../src/model/snapshot.ts';
import { guestSnapshot, snapshot, uuidOf } from '../../support/builders.ts';

const GUEST = { name: 'guest-1', uuid: uuidOf(1) };
const POSITION = { file: 'a.policy', line: 3, column: 5 };

function intervalLog() {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n').filter(Boolean))
        lines.push(JSON.parse(line) as Record<string, unknown>);
      done();
    },
  });
  const log = createLogger({ level: 'info', format: 'json', destination: toStream(stream), clock: () => 0 });
  const subject = new IntervalLog(log.of);
  return {
    observe: (changes: Changes) => {
      lines.length = 0;
      subject.observe(report(changes));
      return lines.map(({ level, name, msg }) => `${String(name)} ${String(level)}: ${String(msg)}`);
    },
    lines,
  };
}

interface Changes {
  readonly problems?: readonly CollectProblem[];
  readonly errors?: readonly PolicyError[];
  readonly held?: readonly Held[];
  readonly conditions?: readonly GuardCondition[];
  readonly outcomes?: readonly Outcome[];
  readonly offered?: boolean;
}

function report({
  problems = [],
  errors = [],
  held = [],
  conditions = [],
  outcomes = [],
  offered = true,
}: Changes): IntervalReport {
  return {
    snapshot: { ...snapshot(0, offered ? [guestSnapshot(1, [1, 9])] : []), problems },
    input: null,
    judgement: {
      evaluated: true,
      decision: { requests: [], errors },
      plan: { actions: outcomes.map(({ action }) => action), held },
    },
    outcomes,
    memoryBefore: EMPTY_MEMORY,
    conditions: () => conditions,
    overrides: [],
    took: { collectMs: 1, decideMs: 1, applyMs: 1 },
  };
}

const balloon: Action = {
  controller: 'balloon',
  control: 'balloon_target',
  guest: GUEST,
  from: 1000,
  to: 900,
  message: 'Ballooning guest:guest-1 from 1000 to 900',
  reason: 'short',
  position: POSITION,
  notes: ['raised from 800 to 900: the floor'],
};

describe('IntervalLog', () => {
  it('logs every action with its reason, position and notes as fields', () => {
    const { observe, lines } = intervalLog();
    const outcomes: Outcome[] = [{ action: balloon, status: 'done', detail: null }];
    expect(observe({ outcomes })).toEqual(['balloon info: Ballooning guest:guest-1 from 1000 to 900']);
    expect(lines[0]).toMatchObject({
      guest: 'guest-1',
      from: 1000,
      to: 900,
      reason: 'short',
      position: 'a.policy:3:5',
      notes: ['raised from 800 to 900: the floor'],
    });
    expect(observe({ outcomes })).toHaveLength(1);
  });

  it('logs the outcome of an action that failed', () => {
    const { observe } = intervalLog();
    const of = (status: Outcome['status'], detail: string | null = null) =>
      observe({ outcomes: [{ action: balloon, status, detail }] });
    expect(of('refused', 'no')).toEqual(['balloon error: Ballooning guest:guest-1 from 1000 to 900: refused: no']);
    expect(of('failed', 'no answer')).toEqual([
      'balloon error: Ballooning guest:guest-1 from 1000 to 900: outcome unknown: no answer',
    ]);
    expect(of('gone')).toEqual(['balloon info: Ballooning guest:guest-1 from 1000 to 900: the guest is gone']);
    expect(of('dry-run')).toEqual(['balloon info: Ballooning guest:guest-1 from 1000 to 900']);
  });

  it('logs a refused write once, and again when the reason changes or after a success', () => {
    const { observe } = intervalLog();
    const of = (status: Outcome['status'], detail: string | null = null) =>
      observe({ outcomes: [{ action: balloon, status, detail }] });
    expect(of('refused', 'read-only')).toHaveLength(1);
    expect(of('refused', 'read-only')).toEqual([]);
    expect(of('refused', 'no such file')).toHaveLength(1);
    expect(of('done')).toHaveLength(1);
    expect(of('refused', 'no such file')).toHaveLength(1);
  });

  it("logs a guard's condition when it begins and ends, and each value of writes that recur meanwhile once", () => {
    const { observe, lines } = intervalLog();
    const condition = (n: number, recurs = true): GuardCondition => ({
      ...{ guard: 'a-guard', guest: GUEST, text: `changed ${n} times`, over: 'no longer changed' },
      ...(recurs && { recurring: 'balloon_target' }),
    });
    const outcomesOf = (to: number): Outcome[] => [{ action: { ...balloon, to }, status: 'done', detail: null }];
    const moved = 'balloon info: Ballooning guest:guest-1 from 1000 to 900';
    const began = 'guards warn: guest:guest-1: changed 1 times';
    expect(observe({ conditions: [condition(1)], outcomes: outcomesOf(900) })).toEqual([began, moved]);
    expect(lines[0]).toMatchObject({ guard: 'a-guard', guest: 'guest-1' });
    expect(observe({ conditions: [condition(2)], outcomes: outcomesOf(900) })).toEqual([]);
    expect(observe({ conditions: [condition(3)], outcomes: outcomesOf(800) })).toHaveLength(1);
    expect(observe({ conditions: [condition(4)], outcomes: outcomesOf(900) })).toEqual([]);
    const refused: Outcome = { action: balloon, status: 'refused', detail: 'no' };
    expect(observe({ conditions: [condition(5)], outcomes: [refused] })).toHaveLength(1);
    const other: Outcome = { action: { ...balloon, guest: null }, status: 'done', detail: null };
    expect(observe({ conditions: [condition(6)], outcomes: [other] })).toHaveLength(1);
    expect(observe({ outcomes: outcomesOf(900) })).toEqual(['guards info: guest:guest-1: no longer changed', moved]);
    expect(observe({ conditions: [condition(1)], outcomes: outcomesOf(900) })).toHaveLength(2);
    expect(observe({ conditions: [condition(1, false)], outcomes: outcomesOf(900) })).toHaveLength(1);
  });

  it('logs conditions of the host also while no guest can be read, and those of guests as if nothing had happened', () => {
    const { observe } = intervalLog();
    const condition = (guest: GuardCondition['guest']): GuardCondition => ({
      ...{ guard: 'a-guard', guest, text: 'bad', over: 'good' },
    });
    const problems = [{ collector: 'hypervisor', guest: null, message: 'not connected to libvirt' }];
    expect(observe({ conditions: [condition(GUEST)] })).toEqual(['guards warn: guest:guest-1: bad']);
    expect(observe({ conditions: [condition(null)], problems, offered: false })).toEqual([
      'collect warn: Cannot read guests: not connected to libvirt',
      'guards warn: Host: bad',
    ]);
    expect(observe({ problems, offered: false })).toEqual(['guards info: Host: good']);
    expect(observe({ conditions: [condition(GUEST)] })).toEqual(['collect info: Guests can be read again']);
    expect(observe({})).toEqual(['guards info: guest:guest-1: good']);
  });

  it('does not repeat guest problems after an interval in which no guest could be read', () => {
    const { observe } = intervalLog();
    const problem = { collector: 'guest-memory', guest: GUEST, message: 'returned no mem_unused' };
    expect(observe({ problems: [problem], offered: false })).toHaveLength(1);
    const lost = { collector: 'hypervisor', guest: null, message: 'not connected to libvirt' };
    expect(observe({ problems: [lost], offered: false })).toEqual([
      'collect warn: Cannot read guests: not connected to libvirt',
    ]);
    expect(observe({ problems: [problem], offered: false })).toEqual(['collect info: Guests can be read again']);
    expect(observe({})).toEqual(['collect info: guest:guest-1 reports statistics again (guest-memory)']);
  });

  it('does not log guests that do not respond: the hypervisor log does', () => {
    const { observe } = intervalLog();
    expect(
      observe({ problems: [{ collector: 'hypervisor', guest: GUEST, message: 'does not respond' }], offered: false }),
    ).toEqual([]);
    expect(observe({})).toEqual([]);
  });

  it('logs a refused write once even when it is not attempted in every interval', () => {
    const { observe } = intervalLog();
    const of = (status: Outcome['status']) => observe({ outcomes: [{ action: balloon, status, detail: 'no' }] });
    expect(of('refused')).toHaveLength(1);
    expect(observe({})).toEqual([]);
    expect(of('refused')).toEqual([]);
    expect(of('done')).toHaveLength(1);
    expect(of('refused')).toHaveLength(1);
  });

  it('logs a problem once, and its end', () => {
    const { observe } = intervalLog();
    const problems = [{ collector: 'guest-memory', guest: GUEST, message: 'returned no mem_unused' }];
    expect(observe({ problems, offered: false })).toEqual([expect.stringContaining('collect warn: guest:guest-1')]);
    expect(observe({ problems, offered: false })).toEqual([]);
    expect(observe({})).toEqual(['collect info: guest:guest-1 reports statistics again (guest-memory)']);
  });

  it('does not log the recovery of a guest that is gone', () => {
    const { observe } = intervalLog();
    observe({
      problems: [{ collector: 'guest-memory', guest: GUEST, message: 'returned no mem_unused' }],
      offered: false,
    });
    expect(observe({ offered: false })).toEqual([]);
  });

  it('logs a policy error once with position and guest, and its end', () => {
    const { observe } = intervalLog();
    const errors: PolicyError[] = [{ phase: 'eval', message: 'nil + 1', position: POSITION, guest: GUEST }];
    expect(observe({ errors })).toEqual([
      'policy error: a.policy:3:5: nil + 1; guest:guest-1 is left unchanged while the error persists',
    ]);
    expect(observe({ errors })).toEqual([]);
    expect(observe({})).toEqual(['policy info: a.policy:3:5: error cleared for guest:guest-1']);
  });

  it('logs a held-back request once, whatever numbers its reason has, and never unchanged ones', () => {
    const { observe } = intervalLog();
    const held = (why: string, kind: Held['kind'] = 'held'): Held[] => [
      { kind, controller: 'balloon', control: 'balloon_target', guest: GUEST, wanted: 1, why },
    ];
    expect(observe({ held: held('statistics are 61 s old') })).toEqual([
      'balloon warn: Held back balloon_target 1 for guest:guest-1: statistics are 61 s old',
    ]);
    expect(observe({ held: held('statistics are 71 s old') })).toEqual([]);
    expect(observe({ held: held('already there', 'unchanged') })).toEqual([]);
  });

  it('escapes a guest name so that it stays on its line', () => {
    const { observe } = intervalLog();
    const guest = { name: 'a\nb c', uuid: uuidOf(9) };
    const [line] = observe({ problems: [{ collector: 'guest-memory', guest, message: 'returned nothing' }] });
    expect(line).toContain('guest:a\\x0ab\\x20c ');
  });

  it('logs what was held back before the write once, many at once in one line, and leaves what is pending to its outcome', () => {
    const { observe } = intervalLog();
    const heldBack = (n: number, detail: string): Outcome => ({
      action: { ...balloon, guest: { name: `guest-${n}`, uuid: uuidOf(n) } },
      status: 'held',
      detail,
    });
    expect(observe({ outcomes: [heldBack(1, 'too old: 12 s')] })).toEqual([
      expect.stringMatching(/balloon warn: .*: held back before the write: too old: 12 s$/),
    ]);
    expect(observe({ outcomes: [heldBack(1, 'too old: 13 s')] })).toEqual([]);
    const many = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => heldBack(n, 'no time'));
    expect(observe({ outcomes: many })).toEqual([
      'balloon warn: Held back 8 changes of balloon_target before the write: no time: guest:guest-1, guest:guest-2, guest:guest-3, guest:guest-4, guest:guest-5 and 3 more',
    ]);
    expect(observe({ outcomes: [{ action: balloon, status: 'pending', detail: 'no answer within 5 ms' }] })).toEqual(
      [],
    );
  });
});
