import { parseDuration, parseRatio, parseSize, type Parsed } from '../yaml/units.ts';
import type { Cell, Comparison } from './comparison.ts';
import { MEASURES, type Measure, type MeasureUnit } from './measures.ts';

/** A limit that a comparison must keep, for CI: `host-oom<=0`, or `stall<=+2%` of what the first policy has. */
export interface Gate {
  readonly text: string;
  readonly measures: readonly Measure[];
  readonly sign: '<=' | '>=';
  /** In the unit of the measure; or a factor of what the first policy has. */
  readonly limit: { readonly value: number } | { readonly factor: number };
}

/** Whether a policy kept a gate in a scenario. */
export interface GateResult {
  readonly gate: Gate;
  readonly scenario: string;
  readonly policy: string;
  /** null: there is no such figure, so nothing is broken. */
  readonly value: number | null;
  readonly limit: number | null;
  readonly passed: boolean;
}

/** `oom` is the sum of both. */
const SUMS: ReadonlyMap<string, readonly string[]> = new Map([['oom', ['guest-oom', 'host-oom']]]);

const GATE = /^([a-z-]{1,40})(<=|>=)(\S{1,40})$/;
const FACTOR = /^([+-])([0-9]{1,6}(?:\.[0-9]{1,6})?)%$/;

export function parseGate(given: string): Gate | { readonly problem: string } {
  const text = given.replaceAll(' ', '');
  const [, key, sign, limit] = GATE.exec(text) ?? [];
  if (key === undefined || limit === undefined)
    return { problem: `${JSON.stringify(given)} is not a gate; write one such as host-oom<=0 or stall<=+2%` };
  const keys = SUMS.get(key) ?? [key];
  const measures = MEASURES.filter((measure) => keys.includes(measure.key));
  if (measures.length === 0) {
    const known = [...SUMS.keys(), ...MEASURES.map((measure) => measure.key)].join(', ');
    return { problem: `there is no figure "${key}"; there are ${known}` };
  }
  const gate = { text, measures, sign: sign as Gate['sign'] };
  const [, direction, percent] = FACTOR.exec(limit) ?? [];
  if (percent !== undefined)
    return { ...gate, limit: { factor: 1 + (direction === '+' ? 1 : -1) * (Number(percent) / 100) } };
  const parsed = LIMITS[measures[0]!.unit](limit);
  return 'problem' in parsed ? parsed : { ...gate, limit: parsed };
}

const LIMITS: Readonly<Record<MeasureUnit, (text: string) => Parsed>> = {
  seconds: (text) => scaled(parseDuration(text), 1000),
  kib: parseSize,
  share: parseRatio,
  number: parseNumber,
  'gib hours': parseNumber,
};

function scaled(parsed: Parsed, by: number): Parsed {
  return 'problem' in parsed ? parsed : { value: parsed.value / by };
}

function parseNumber(text: string): Parsed {
  if (!/^-?[0-9]{1,12}(?:\.[0-9]{1,6})?$/.test(text))
    return { problem: `${JSON.stringify(text)} is not a number; write one such as 0 or 2.5` };
  return { value: Number(text) };
}

/**
 * All gates, of each policy in each scenario. The first policy is what there is today, so gates are not for it, unless it is the only one. A
 * gate looks at the mean over all seeds: results are the same in each run, so that does not flicker.
 */
export function gateResults(comparison: Comparison, gates: readonly Gate[]): readonly GateResult[] {
  const [first, ...others] = comparison.policies;
  const judged = new Set(others.length === 0 ? [first] : others);
  return comparison.cells
    .filter(({ policy }) => judged.has(policy))
    .flatMap((cell) => {
      const baseline = comparison.cells.find(({ scenario, policy }) => scenario === cell.scenario && policy === first);
      return gates.map((gate) => resultOf(gate, cell, baseline));
    });
}

function resultOf(gate: Gate, cell: Cell, baseline: Cell | undefined): GateResult {
  const value = sumOf(gate, cell);
  const limit = 'value' in gate.limit ? gate.limit.value : factorOf(gate, gate.limit.factor, baseline);
  const { scenario, policy } = cell;
  if (value === null || limit === null) return { gate, scenario, policy, value, limit, passed: true };
  return { gate, scenario, policy, value, limit, passed: gate.sign === '<=' ? value <= limit : value >= limit };
}

function factorOf(gate: Gate, factor: number, baseline: Cell | undefined): number | null {
  const before = baseline === undefined ? null : sumOf(gate, baseline);
  return before === null ? null : before * factor;
}

function sumOf({ measures }: Gate, { estimates }: Cell): number | null {
  const means = measures.map(({ key }) => estimates[key]?.mean ?? null).filter((mean) => mean !== null);
  return means.length === 0 ? null : means.reduce((sum, mean) => sum + mean, 0);
}
