import { describeOverride } from '../../model/parameter.ts';
import { durationText } from '../../model/duration-text.ts';
import type { Definition, Occurrence } from '../../policy/forms/occurrence.ts';
import { spanText } from '../../policy/text/source.ts';
import { shown } from '../explain/show.ts';
import { fileName } from './hover.ts';
import type { PolicyProgram } from './program.ts';

/** A short text that an editor shows in a file, which is not part of it. */
export interface InlayHint {
  /** Behind which offset it is shown. */
  readonly offset: number;
  readonly label: string;
  readonly tooltip: string;
}

/** Longer values are not shown, characters. */
const LONGEST = 24;

/**
 * What a reader would have to look up or compute: the unit of numbers without one, and the values of the policy's parameters, once for each
 * top-level form.
 */
export function inlayHints(program: PolicyProgram, file: string, start: number, end: number): readonly InlayHint[] {
  return [...numberHints(program, file), ...paramHints(program, file)]
    .filter(({ offset }) => offset >= start && offset <= end)
    .sort((a, b) => a.offset - b.offset);
}

function numberHints(program: PolicyProgram, file: string): readonly InlayHint[] {
  return program.bareNumbers(file).flatMap(({ end, value, unit }) => {
    const label = meaning(value, unit);
    return label === null ? [] : [{ offset: end, label, tooltip: `A plain number here is taken in ${UNITS[unit]}.` }];
  });
}

/** The units that are shown, in words. */
const UNITS: Readonly<Record<string, string>> = {
  KiB: 'KiB',
  bytes: 'bytes',
  pages: 'pages',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  '%': 'percent',
  ratio: 'shares: 1 is all',
};

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, ms: 1, us: 0.001 };

/** `= 16 MiB` if that is shorter than the number, else the unit. Zero is the same in all units. */
function meaning(value: number, unit: string): string | null {
  if (value === 0 || !Object.hasOwn(UNITS, unit)) return null;
  if (unit === 'ratio') return value > 0 && value < 1 ? `= ${shown(value * 100, '%')}` : null;
  const ms = MILLISECONDS[unit];
  const text = ms === undefined ? shown(value, unit) : durationText(value * ms);
  const isSame = text === `${value} ${unit}` || text === `${value}${unit}`;
  // Less than the smallest unit that the texts have.
  const isLost = /^-?0[ .]/.test(text);
  return isSame || isLost || value < 0 ? unit : `= ${text}`;
}

function paramHints(program: PolicyProgram, file: string): readonly InlayHint[] {
  const { analysis } = program;
  const params = paramsOf(program);
  const tops = analysis.files.filter(({ span }) => span.source.file === file).flatMap(({ expressions }) => expressions);
  const seen = new Set<string>();
  let at = 0;
  return analysis.occurrences.flatMap((occurrence) => {
    const { name, span } = occurrence;
    const param = params.get(name);
    if (!param || span.source.file !== file || !isRead(occurrence)) return [];
    // Occurrences are in text order.
    while (at < tops.length && (tops[at]?.span.end ?? 0) < span.end) at += 1;
    const key = `${at} ${name}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return hintOf(program, param, span.end);
  });
}

/** The parameters by name, without those whose value the text may change. */
function paramsOf({ analysis }: PolicyProgram): ReadonlyMap<string, Definition> {
  const params = new Map<string, Definition>();
  const others = new Set(analysis.occurrences.filter(({ role }) => role === 'write').map(({ name }) => name));
  for (const definition of analysis.definitions) {
    const { kind, name, scope } = definition;
    if (scope !== null || kind === 'function') continue;
    if (kind !== 'param' || params.has(name)) others.add(name);
    else params.set(name, definition);
  }
  for (const name of others) params.delete(name);
  return params;
}

/** Whether it reads the variable by name. A name in quotes is a method's, with a value for each guest. */
function isRead({ kind, role, definition, span }: Occurrence): boolean {
  return (
    kind === 'variable' &&
    role === 'use' &&
    definition === null &&
    !/["']/.test(span.source.text.charAt(span.start - 1))
  );
}

function hintOf({ overrides }: PolicyProgram, { name, value }: Definition, offset: number): readonly InlayHint[] {
  const set = overrides.filter((each) => each.name === name);
  const general = set.find(({ target }) => target.kind === 'all');
  const byDefault = value && value.kind !== 'list' ? spanText(value.span) : null;
  const now = general === undefined ? byDefault : String(general.given);
  if (now === null || now.length > LONGEST || /\s/.test(now)) return [];
  const sources = set.map((each) => `${fileName(each.file)} sets ${describeOverride(each)} to ${each.given}.`);
  const standard = byDefault === null ? [] : [`The default is ${byDefault}.`];
  return [{ offset, label: `= ${now}`, tooltip: [...sources, ...standard].join('\n') }];
}
