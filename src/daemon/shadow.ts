import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { Decider } from '../engine/decider.ts';
import { heldBack } from '../engine/interval.ts';
import { compareJudgements } from '../engine/shadow-compare.ts';
import type { ShadowDecider } from '../engine/shadow-decider.ts';
import { ShadowTotals } from '../engine/shadow-totals.ts';
import { keptSnapshots } from '../model/history-need.ts';
import type { Action } from '../model/decision.ts';
import type { IntervalReport } from '../model/interval-report.ts';
import { describeOverride, mergeOverrides, type ParamOverride } from '../model/parameter.ts';
import type { ShadowGuest, ShadowInterval, ShadowSummary } from '../model/shadow.ts';
import { positionText } from '../observe/log-fields.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import { ShadowLog } from '../observe/shadow-log.ts';
import {
  bindOverrides,
  faultText,
  givenText,
  ParamResolver,
  type BoundOverride,
  type Program,
} from '../policy/index.ts';
import type { Clock } from '../ports/clock.ts';
import type { ActiveConfiguration, ShadowPolicy } from './configuration.ts';

export interface ShadowParts {
  readonly configuration: ActiveConfiguration;
  readonly decider: Pick<Decider, 'beside'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: LoggerOf;
}

/** An interval of the policy, after its writes. */
export interface PolicyInterval {
  readonly report: IntervalReport;
  readonly policyIsDue: boolean;
  /** What stopped writes in it; null: nothing was looked at, because nothing was decided. */
  readonly whyNot: ((action: Action) => string | null) | null;
  /** When the next one is due, by the monotonic clock, milliseconds; Infinity: none follows. */
  readonly nextMs: number;
}

/** What a shadow is doing, for the status. */
export interface ShadowState {
  readonly files: readonly string[];
  /** The values that only the shadow has. */
  readonly parameters: readonly string[];
  readonly summary: ShadowSummary;
  /** The errors of the last evaluation. */
  readonly errors: readonly string[];
  /** Why it is not evaluated any more; null: it is. */
  readonly defect: string | null;
}

/** The shadow that runs now. */
interface Running {
  readonly policy: ShadowPolicy;
  /** All that it depends on: while this is the same, a reload changes nothing. */
  readonly key: string;
  readonly decider: ShadowDecider;
  readonly totals: ShadowTotals;
  readonly log: ShadowLog;
  /** The policy's overrides that `params` was made of. */
  overrides: readonly ParamOverride[] | null;
  params: ParamResolver | null;
  lastTookMs: number;
  errors: readonly string[];
  defect: string | null;
}

/**
 * Evaluates a second policy after the writes of each interval and compares. It never writes, and never throws: a defect ends the
 * shadow, not the daemon.
 */
export class Shadow {
  readonly #parts: ShadowParts;
  #running: Running | null = null;

  constructor(parts: ShadowParts) {
    this.#parts = parts;
  }

  /** null: there is no shadow. */
  get state(): ShadowState | null {
    if (this.#running === null) return null;
    const { policy, totals, errors, defect } = this.#running;
    return { files: filesOf(policy), parameters: ownValues(policy), summary: totals.summary(), errors, defect };
  }

  /** Where a guest differed most; null: nowhere, or there is no shadow. */
  guest(uuid: string): ShadowGuest | null {
    return this.#running?.totals.guest(uuid) ?? null;
  }

  /** Begins, goes on or ends as the active configuration says. A change of the policy begins anew too: their counts do not mix. */
  adopt(): void {
    const { configuration, decider, clock, log } = this.#parts;
    const { shadow, program, config } = configuration;
    const policy = program === null ? null : shadow;
    const { history, collectIntervalMs } = config;
    const kept = policy === null ? 0 : keptSnapshots(policy.program.historyNeed, history, collectIntervalMs);
    const texts = (of: Program | undefined | null) => of?.files.map(({ file, text }) => [file, text]);
    const key = JSON.stringify([texts(policy?.program), policy?.own, texts(program), config.policy.onError, kept]);
    if (this.#running?.key === key || (this.#running === null && policy === null)) return;
    this.end();
    if (policy === null) return;
    const evaluate = {
      onError: config.policy.onError,
      clock: clock.monotonic,
      debug: (text: string, position: Parameters<typeof positionText>[0]) =>
        log('shadow').debug({ position: positionText(position) }, text),
    };
    this.#running = {
      ...{ policy, key, totals: new ShadowTotals(), log: new ShadowLog(log('shadow')) },
      decider: decider.beside(policy.program, { evaluate, keptSnapshots: kept }),
      ...{ overrides: null, params: null, lastTookMs: 0, errors: [], defect: null },
    };
    this.#running.log.began(filesOf(policy), ownValues(policy));
  }

  /** null: there is no shadow. */
  async observe(interval: PolicyInterval): Promise<ShadowInterval | null> {
    const running = this.#running;
    if (running === null || running.defect !== null) return null;
    await yieldToEventLoop();
    try {
      const compared = this.#compare(running, interval);
      running.log.interval(compared);
      return compared;
    } catch (error) {
      const err = error instanceof Error ? error : new Error(String(error));
      running.defect = err.message;
      this.#parts
        .log('shadow')
        .error(
          { err },
          `A defect in the evaluation of the shadow, please report it: ${err.message}; the shadow has ended, the policy continues`,
        );
      return null;
    }
  }

  /** Ends the shadow, with a summary in the log. */
  end(): void {
    this.#running?.log.ended(this.#running.totals.summary());
    this.#running = null;
  }

  #compare(running: Running, { report, policyIsDue, whyNot, nextMs }: PolicyInterval): ShadowInterval {
    const { clock } = this.#parts;
    const { decider, totals } = running;
    const { snapshot, judgement, overrides } = report;
    const { timeMs } = snapshot;
    const startMs = clock.monotonic();
    const input = decider.observe(snapshot);
    const isEvaluated = judgement?.evaluated === true;
    const nothing = { timeMs, comparison: null, tookMs: 0 };
    // Without host statistics, or when the daemon stops, the policy was due and not evaluated.
    if (input === null || (policyIsDue && !isEvaluated)) {
      totals.add(timeMs, null);
      return { ...nothing, skipped: false, ...totals.openKib };
    }
    const leftMs = nextMs - startMs;
    if (isEvaluated && leftMs < 2 * running.lastTookMs) {
      running.lastTookMs /= 2;
      totals.skip(timeMs);
      return { ...nothing, skipped: true, ...totals.openKib };
    }
    if (overrides !== running.overrides) this.#setOverrides(running, overrides);
    const judged = heldBack(isEvaluated ? decider.judge(input, running.params) : decider.relieve(input), whyNot);
    const comparison = compareJudgements(timeMs, judgement, judged);
    totals.add(timeMs, comparison);
    const tookMs = clock.monotonic() - startMs;
    if (isEvaluated) {
      running.lastTookMs = tookMs;
      running.errors = comparison.errors.map(({ position, message }) => `${positionText(position)}: ${message}`);
    }
    return { timeMs, comparison, skipped: false, ...totals.openKib, tookMs };
  }

  /** The shadow's own values, then those of the policy, as far as it declares them. */
  #setOverrides(running: Running, overrides: readonly ParamOverride[]): void {
    const { program, own } = running.policy;
    const { bound, wrong } = bindOverrides(program, overrides);
    const isOwn = new Set(own.map(describeOverride));
    for (const { override, fault } of wrong) {
      const name = describeOverride(override);
      if (fault.code !== 'unknown-param' && !isOwn.has(name))
        this.#parts.log('shadow').warn(`${name}: ${faultText(fault)}; the shadow uses its own default`);
    }
    running.overrides = overrides;
    running.params = new ParamResolver(mergeOverrides<BoundOverride>(own, bound));
  }
}

/** `spare_share = 30%` */
export function ownValues({ own }: Pick<ShadowPolicy, 'own'>): readonly string[] {
  return own.map((override) => `${describeOverride(override)} = ${givenText(override)}`);
}

function filesOf({ program }: ShadowPolicy): readonly string[] {
  return program.files.map(({ file }) => file);
}
