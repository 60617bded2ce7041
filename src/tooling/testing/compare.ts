import type { ControlDecl, ControlRequest, PolicyScalar, SourcePosition } from '../../model/control.ts';
import { scalarJson } from '../../model/scalar-text.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import type { PolicyMemory } from '../../model/memory.ts';
import type { PolicyInput } from '../../model/snapshot.ts';
import { faultText, sizeText, type Diagnostic } from '../../policy/index.ts';
import type { Expect } from './suite.ts';
import { fits, type Want } from './want.ts';

/** The results of an evaluation. */
export interface Actual {
  readonly input: PolicyInput;
  readonly requests: readonly ControlRequest[];
  /** After the evaluation. */
  readonly memory: PolicyMemory;
}

/** The differences from the expected results, apart from errors; one sentence each. */
export function differences(
  expect: Expect,
  actual: Actual,
  controls: ReadonlyMap<string, ControlDecl>,
): readonly string[] {
  const names = new Set(actual.input.guests.map(({ name }) => name));
  const found = [...missingGuests(new Set([...expect.guests.keys(), ...expect.vars.guests.keys()]), actual.input)];
  const requestsOf = (guest: string | null) =>
    actual.requests.filter((request) => (request.guest?.name ?? null) === guest);
  found.push(
    ...entityDifferences('the host', expect.host, requestsOf(null), expect.othersAny && !expect.hostNamed, controls),
  );
  for (const name of names) {
    const wants = expect.guests.get(name);
    found.push(
      ...entityDifferences(
        `guest ${safeGuestName(name)}`,
        wants ?? new Map(),
        requestsOf(name),
        expect.othersAny && !wants,
        controls,
      ),
    );
  }
  return [...found, ...varDifferences(expect, actual)];
}

/** Reports guests that do not exist, with the existing names. */
export function missingGuests(wanted: Iterable<string>, { guests }: PolicyInput): readonly string[] {
  const names = guests.map(({ name }) => name);
  return [...wanted]
    .filter((name) => !names.includes(name))
    .map(
      (name) => `there is no guest ${safeGuestName(name)}; there are ${names.map(safeGuestName).join(', ') || 'none'}`,
    );
}

function entityDifferences(
  who: string,
  wants: ReadonlyMap<string, Want>,
  requests: readonly ControlRequest[],
  othersAllowed: boolean,
  controls: ReadonlyMap<string, ControlDecl>,
): string[] {
  const found: string[] = [];
  for (const [name, want] of wants) {
    const request = requests.find((each) => each.name === name);
    if (request === undefined) {
      if (want.kind !== 'unset') found.push(`${who}: ${name} was not set; expected ${want.text}`);
    } else if (!fits(want, request.value)) {
      found.push(
        `${who}: ${name} is ${shown(request, controls, want)}; expected ${want.text}${deviation(want, request.value, controls.get(name))}${origin(request)}`,
      );
    } else if (want.because !== null && (request.reason === null || !want.because.fits(request.reason))) {
      found.push(
        `${who}: ${name} has ${request.reason === null ? 'no reason' : `the reason ${JSON.stringify(request.reason)}`}; expected ${want.because.text}${at(request.position)}`,
      );
    }
  }
  for (const request of othersAllowed ? [] : requests) {
    if (!wants.has(request.name))
      found.push(
        `${who}: ${request.name} was set to ${shown(request, controls)}; nothing was expected${origin(request)}`,
      );
  }
  return found;
}

function shown(
  { name, value }: ControlRequest,
  controls: ReadonlyMap<string, ControlDecl>,
  want: Want | null = null,
): string {
  const size = controls.get(name)?.unit === 'KiB' && typeof value === 'number' ? ` (${sizeText(value)})` : '';
  return `${distinctFrom(want?.value ?? null, value)}${size}`;
}

/** The value in short, or with all its digits if it differs from the expected value in those. */
function distinctFrom(expected: PolicyScalar, value: PolicyScalar): string {
  const text = scalarJson(value);
  return text === scalarJson(expected) ? JSON.stringify(value) : text;
}

/** By how much a number misses the expected range. */
function deviation({ min, max }: Want, actual: PolicyScalar, control: ControlDecl | undefined): string {
  if (typeof actual !== 'number' || !Number.isFinite(min) || !Number.isFinite(max)) return '';
  const by = actual < min ? min - actual : actual - max;
  const text = control?.unit === 'KiB' ? sizeText(by) : String(Number(by.toPrecision(6)));
  return `: ${text} too ${actual < min ? 'little' : 'much'}`;
}

function origin({ reason, position }: ControlRequest): string {
  return `${reason === null ? '' : `, because ${reason}`}${at(position)}`;
}

function at({ file, line, column }: SourcePosition): string {
  return ` (${file}:${line}:${column})`;
}

/** The expected errors that did not occur, one sentence each, and the unexpected errors. Each expectation matches one error. */
export function compareErrors(
  errors: Expect['errors'],
  diagnostics: readonly Diagnostic[],
): { readonly missing: readonly string[]; readonly unexpected: readonly Diagnostic[] } {
  const remaining = [...diagnostics];
  const missing: string[] = [];
  // The most specific expectations match first.
  const ordered = [...errors].sort(
    (a, b) => Number(b.guest !== null) - Number(a.guest !== null) || b.message.length - a.message.length,
  );
  for (const { guest, message } of ordered) {
    const found = remaining.findIndex(
      (each) => faultText(each).includes(message) && (guest === null || each.guest?.name === guest),
    );
    if (found !== -1) remaining.splice(found, 1);
    else
      missing.push(
        `no ${remaining.length < diagnostics.length ? 'further ' : ''}error${guest === null ? '' : ` of guest ${safeGuestName(guest)}`} has ${JSON.stringify(message)} in it`,
      );
  }
  return { missing, unexpected: remaining };
}

function varDifferences({ vars }: Expect, { input, memory }: Actual): string[] {
  const compare = (
    who: string,
    wanted: ReadonlyMap<string, PolicyScalar>,
    stored: ReadonlyMap<string, PolicyScalar> | undefined,
  ) =>
    [...wanted].flatMap(([name, value]) => {
      const found = stored?.get(name) ?? null;
      const same =
        typeof found === 'number' && typeof value === 'number'
          ? Math.abs(found - value) <= Math.abs(value) * 1e-9
          : JSON.stringify(found) === JSON.stringify(value);
      return same
        ? []
        : [`${who}: the variable ${name} is ${distinctFrom(value, found)}; expected ${JSON.stringify(value)}`];
    });
  const guests = input.guests.flatMap(({ name, uuid }) =>
    compare(`guest ${safeGuestName(name)}`, vars.guests.get(name) ?? new Map(), memory.guests.get(uuid)),
  );
  return [...compare('the host', vars.host, memory.host), ...guests];
}
