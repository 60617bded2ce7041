import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DaemonConfig } from '../../../src/daemon/configuration.ts';
import type { Action } from '../../../src/model/decision.ts';
import type { ParamOverride } from '../../../src/model/parameter.ts';
import { bindOverrides, type Program } from '../../../src/policy/index.ts';
import { programOf } from '../../support/running-daemon.ts';
import { runSimulated, type SimulatedDaemon } from '../../support/simulated-daemon.ts';
import { demandSpec, GIB, guestSpec, hostSpec, MIB, scenario } from '../simulation/specs.ts';

const balloon = await readFile('policies/mom-balloon.policy', 'utf8');
const NOTHING = '(debug "nothing")';

const guests = Array.from({ length: 5 }, (_, at) =>
  guestSpec({
    name: `web-${at}`,
    memoryKib: 2 * GIB,
    minKib: 300 * MIB,
    swapKib: 512 * MIB,
    demand: demandSpec({ bursts: { everyS: 100, sizeKib: 500 * MIB, rateKib: 100 * MIB, lastsS: 30 } }),
    files: { sizeKib: 2 * GIB, hotKib: 100 * MIB, readsKib: 20 * MIB },
  }),
);
const short = scenario(guests, { durationS: 900, host: hostSpec({ memoryKib: 5 * GIB, swapKib: 2 * GIB }) });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-shadow-'));
});
afterEach(() => rm(folder, { recursive: true }));

const shadowOf = (policy: string, own: readonly ParamOverride[] = []) => {
  const program = programOf(policy);
  return { program, own: bindOverrides(program, own).bound };
};
const run = async (policy: string, more: Omit<SimulatedDaemon, 'program'> = {}, of = short) => {
  // Each daemon has a directory of its own: it would take over what another has found.
  return runSimulated(await mkdtemp(join(folder, 'run-')), of, { program: programOf(policy), ...more });
};
const share = (given: string): ParamOverride => ({ name: 'shortage_share', target: { kind: 'all' }, given });

describe('a policy with a shadow', () => {
  let alone: Awaited<ReturnType<typeof run>> | undefined;

  it.each([
    ['the same', balloon],
    ['that takes all', '(with Guests g (g.Control "balloon_target" 0))'],
    ['that gives all', '(with Guests g (g.Control "balloon_target" g.balloon_max))'],
    ['that runs forever', '(def f (n) { (f (- n 1)) (f (- n 1)) }) (f 900)'],
    [
      'that fails for each guest',
      '(with Guests g { (g.SetVar "n" 1) (g.Control "balloon_target" (/ 1 (- g.balloon_cur g.balloon_cur))) })',
    ],
    ['that fills its variables', '(with Guests g (g.SetVar (format "v{}" g.mem_unused) (list 1 2 3)))'],
    ['of KSM', '(Host.Control "ksm_run" 1) (Host.Control "ksm_pages_to_scan" 1000)'],
  ])('decides and records the same, byte for byte, as without: a shadow %s', async (_what, shadow) => {
    const { recording, messages } = (alone ??= await run(balloon));
    const beside = await run(balloon, { shadow: shadowOf(shadow) });
    expect(beside.recording).toBe(recording);
    expect(recording.split('\n').length).toBeGreaterThan(180);
    const own = (all: readonly string[]) => all.filter((message) => !/shadow|First difference/.test(message));
    expect(own(beside.messages).filter((each) => !messages.includes(each))).toEqual([]);
    expect(beside.compared.length).toBeGreaterThan(170);
  });

  it('finds no difference to itself', async () => {
    const { state, messages } = await run(balloon, { shadow: shadowOf(balloon) });
    expect(state?.summary).toMatchObject({ differing: 0, moreKibMs: 0, lessKibMs: 0, errors: 0, skipped: 0 });
    const [targets] = state?.summary.controls ?? [];
    expect(targets?.same).toBeGreaterThan(100);
    expect(messages.at(-1)).not.toMatch(/First difference/);
    expect(messages.some((message) => /^The shadow differed in 0 of \d+ evaluations in 15 min$/.test(message))).toBe(
      true,
    );
  });

  it('says where the shadow differs, and that first', async () => {
    const { state, messages } = await run(balloon, { shadow: shadowOf(NOTHING) });
    const [first] = messages.filter((message) => message.startsWith('First difference'));
    expect(first).toMatch(
      /^First difference: balloon_target of guest:web-\d: the policy sets \d+ \(free .*\), the shadow keeps \d+$/,
    );
    expect(state?.summary.controls[0]).toMatchObject({ only_shadow: 0, more: 0, less: 0 });
    expect(state?.summary.moreKibMs).toBeGreaterThan(0);
    expect(state?.summary.guests[0]?.largest.class).toBe('only_policy');
    expect(messages.filter((message) => message.startsWith('The shadow differed'))).toHaveLength(1);
  });

  it('gives the shadow its own values of parameters, and else those of the policy', async () => {
    const own = await run(balloon, { shadow: shadowOf(balloon, [share('60%')]) });
    expect(own.state).toMatchObject({ parameters: ['shortage_share = 60%'] });
    expect(own.state?.summary.differing).toBeGreaterThan(5);
    expect(own.messages[0]).toMatch(/is written: test\.policy, shortage_share = 60%$/);
  });

  it('compares in a dry run, too', async () => {
    const { state } = await run(balloon, { shadow: shadowOf(NOTHING), config: { dryRun: true } });
    expect(state?.summary.differing).toBeGreaterThan(5);
  });

  it('counts no difference in what is paused', async () => {
    const { state } = await run(NOTHING, {
      shadow: shadowOf('(with Guests g (g.Control "balloon_target" 0))'),
      onInterval: ({ pauses }) => {
        if (!pauses.all.some(({ what }) => what === 'balloons'))
          void pauses.add({ what: 'balloons', untilMs: null, by: 'test', reason: null, sinceMs: 0 });
      },
    });
    expect(state?.summary.differing).toBeLessThanOrEqual(1);
    expect(state?.summary.holds).toContainEqual({ guard: '', policy: expect.any(Number), shadow: expect.any(Number) });
  });

  it('sums up each hour', async () => {
    const long = { ...short, durationS: 2 * 3600 + 60, guests: short.guests.slice(0, 1) };
    const { messages } = await run(NOTHING, { shadow: shadowOf(balloon) }, long);
    expect(messages.filter((message) => /^The shadow differed in .* in 60 min/.test(message))).toHaveLength(2);
    expect(messages.filter((message) => /^The shadow differed in .* in 2 h/.test(message))).toHaveLength(1);
  }, 60_000);
});

describe('a reload', () => {
  /** Reloads after so many intervals. */
  const reloading = (next: (first: DaemonConfig) => DaemonConfig, after = 60): Partial<SimulatedDaemon> => {
    let intervals = 0;
    return {
      onInterval: ({ configuration: { upcoming } }, daemon) => {
        intervals += 1;
        if (intervals === after) daemon.reload(next(upcoming));
      },
    };
  };
  const began = (messages: readonly string[]) => messages.filter((message) => message.startsWith('A shadow is'));
  const ended = (messages: readonly string[]) =>
    messages.filter((message) => message.startsWith('The shadow differed'));

  it('begins and ends a shadow', async () => {
    const begins = await run(
      balloon,
      reloading((first) => ({ ...first, shadow: shadowOf(NOTHING) })),
    );
    expect(began(begins.messages)).toHaveLength(1);
    expect(begins.compared.length).toBeLessThan(130);
    const ends = await run(balloon, {
      shadow: shadowOf(NOTHING),
      ...reloading(({ config, program }) => ({ config, program })),
    });
    expect(ended(ends.messages)).toHaveLength(1);
    expect(ends.compared.length).toBe(60);
  });

  it('goes on with the counts when neither policy has changed, and begins anew when one has', async () => {
    const same = await run(balloon, {
      shadow: shadowOf(NOTHING),
      ...reloading((first) => ({ ...first, program: programOf(balloon), shadow: shadowOf(NOTHING) })),
    });
    expect(began(same.messages)).toHaveLength(1);
    expect(same.state?.summary.evaluations).toBeGreaterThan(80);
    const other = await run(balloon, {
      shadow: shadowOf(NOTHING),
      ...reloading((first) => ({ ...first, program: programOf(`${balloon}\n# changed`) })),
    });
    expect(began(other.messages)).toHaveLength(2);
    expect(ended(other.messages)).toHaveLength(2);
    expect(other.state?.summary.evaluations).toBeLessThan(70);
  });

  it('begins with the samples and variables that the policy has', async () => {
    const count = '(Host.SetVar "n" (+ 1 (if (null (Host.GetVar "n")) 0 (Host.GetVar "n"))))';
    const { state } = await run(
      count,
      reloading((first) => ({
        ...first,
        shadow: shadowOf(`(if (> (Host.GetVar "n") 20) 1 (/ 1 (- Host.mem_free Host.mem_free))) ${count}`),
      })),
    );
    expect(state?.summary).toMatchObject({ errors: 0 });
  });
});

describe('a shadow that is slow', () => {
  it('is left out of evaluations for which the interval has no time, and the policy is not', async () => {
    let lateMs = 0;
    const { state, messages, recording } = await run(balloon, {
      shadow: shadowOf(NOTHING),
      // Each look at the clock takes 0.4 s: the policy and the guards look a few times.
      clock: (clock) => ({ ...clock, monotonic: () => clock.monotonic() + (lateMs += 400) }),
    });
    expect(state?.summary.skipped).toBeGreaterThan(0);
    expect(messages.filter((message) => message.startsWith('The shadow was left out'))).toHaveLength(1);
    expect(recording.length).toBeGreaterThan(1000);
  });
});

describe('a defect in the evaluation of a shadow', () => {
  it('ends the shadow and not the daemon', async () => {
    const program = programOf(NOTHING);
    const broken = new Proxy(program, {
      get: (of: Program, key) => {
        if (key === 'machine') throw new Error('broken');
        return Reflect.get(of, key) as unknown;
      },
    });
    const { messages, compared, recording } = await run(balloon, { shadow: { program: broken, own: [] } });
    expect(messages.filter((message) => message.includes('broken'))).toEqual([
      'A defect in the evaluation of the shadow, please report it: broken; the shadow has ended, the policy continues',
    ]);
    expect(compared).toEqual([]);
    expect(recording).toBe((await run(balloon)).recording);
  });
});

describe('what a shadow asks for', () => {
  it('is never an action of the daemon', async () => {
    const actions: Action[] = [];
    await run(NOTHING, {
      shadow: shadowOf('(with Guests g (g.Control "balloon_target" 0)) (Host.Control "ksm_run" 1)'),
      onInterval: (_parts, _daemon, { outcomes }) => actions.push(...outcomes.map(({ action }) => action)),
    });
    expect(actions.filter(({ guard }) => guard === undefined)).toEqual([]);
  });
});
