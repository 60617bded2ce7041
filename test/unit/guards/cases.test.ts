import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { guards } from '../../../guards/index.ts';
import type { FieldValue } from '../../../src/model/field.ts';
import { heldIn, movesIn, SmallWorld, type SmallGuest, type Turn } from '../../support/small-world.ts';

interface CaseGuest {
  readonly max: string;
  readonly size?: string;
  readonly used?: string;
  readonly touched?: string;
  readonly min?: string;
  readonly speed?: string;
  readonly fills?: string;
  readonly grows?: string;
  readonly born?: number;
  readonly balloon?: SmallGuest['balloon'];
  readonly answers?: SmallGuest['answers'];
  readonly reports?: boolean;
  readonly state?: string;
  readonly lies?: Record<string, FieldValue>;
  readonly fields?: Record<string, FieldValue>;
}

interface Case {
  readonly situation: string;
  readonly guard: string;
  readonly policy?: string;
  readonly host: { readonly total: string; readonly other?: string; readonly fields?: Record<string, FieldValue> };
  readonly guests: Readonly<Record<string, CaseGuest>>;
  readonly settings?: Readonly<Record<string, object>>;
  readonly reservations?: readonly { readonly name: string; readonly size: string }[];
  readonly intervals: number;
  readonly changes?: readonly {
    readonly before: number;
    readonly other?: string;
    readonly gone?: readonly string[];
    readonly guests?: Readonly<Record<string, Partial<CaseGuest>>>;
  }[];
  readonly then: {
    readonly guests?: Readonly<Record<string, readonly [string, string]>>;
    readonly free?: readonly [string, string];
    readonly moves?: readonly [number, number];
    readonly last_moves?: readonly [number, number];
    readonly held?: string;
    readonly told?: string;
    readonly reason?: string;
    readonly ksm?: Readonly<Record<string, number>>;
  };
}

const UNITS = { KiB: 1, MiB: 1024, GiB: 1_048_576 } as const;

function kib(text: string): number {
  const [, number, unit] = /^(-?[\d.]+) ?(KiB|MiB|GiB)$/.exec(text) ?? [];
  if (unit === undefined) throw new Error(`not a size: ${text}`);
  return Math.round(Number(number) * UNITS[unit as keyof typeof UNITS]);
}

function guestOf(given: Partial<CaseGuest>): Partial<SmallGuest> {
  const { max, size, used, touched, min, speed, fills, grows, born, ...rest } = given;
  return {
    ...rest,
    ...(max !== undefined && { maxKib: kib(max) }),
    ...(size !== undefined && { sizeKib: kib(size), targetKib: kib(size) }),
    ...(used !== undefined && { usedKib: kib(used) }),
    ...(touched !== undefined && { touchedKib: kib(touched) }),
    ...(min !== undefined && { minKib: kib(min) }),
    ...(speed !== undefined && { speedKibPerS: kib(speed) }),
    ...(grows !== undefined && { growsKibPerS: kib(grows) }),
    ...(fills !== undefined && { fillsKibPerS: kib(fills) }),
    ...(born !== undefined && { bornMs: Date.UTC(2026, 0, 1) - born * 1000 }),
  };
}

/** What differs from the expected, in words; empty: nothing. */
function problemsOf(test: Case, without?: string): readonly string[] {
  const { host, guests, policy, settings, intervals, changes = [], reservations = [], then } = test;
  const world = new SmallWorld({
    totalKib: kib(host.total),
    otherKib: kib(host.other ?? '0KiB'),
    guests: Object.entries(guests).map(([name, given]) => ({ ...guestOf(given), name, maxKib: kib(given.max) })),
    policy: policy === undefined ? '0' : policy.endsWith('.policy') ? readFileSync(policy, 'utf8') : policy,
    ...(settings && { settings }),
    ...(without !== undefined && { without }),
  });
  Object.assign(world.hostFields, host.fields);
  const client = 'a test';
  world.reserve(reservations.map(({ name, size }) => ({ name, kib: kib(size), client, untilMs: Infinity })));
  const turns: Turn[] = [];
  for (let interval = 1; interval <= intervals; interval++) {
    for (const change of changes.filter(({ before }) => before === interval)) {
      if (change.other !== undefined) world.otherKib = kib(change.other);
      for (const name of change.gone ?? []) world.remove(name);
      for (const [name, given] of Object.entries(change.guests ?? {})) {
        const known = world.guests.find((guest) => guest.name === name);
        if (known === undefined)
          world.guests.push(world.newGuest({ bornMs: world.nowMs, ...guestOf(given), name, maxKib: kib(given.max!) }));
        else Object.assign(known, guestOf(given));
      }
    }
    turns.push(...world.run(1));
  }
  const found: string[] = [];
  const within = (what: string, value: number, [least, most]: readonly [number, number]): void => {
    if (value < least || value > most) found.push(`${what}: ${value}, expected ${least} to ${most}`);
  };
  const sizes = ([least, most]: readonly [string, string]) => [kib(least), kib(most)] as const;
  for (const [name, range] of Object.entries(then.guests ?? {}))
    within(name, Math.round(world.guest(name).sizeKib), sizes(range));
  if (then.free) within('free', Math.round(world.freeKib), sizes(then.free));
  if (then.moves) within('moves', movesIn(turns).length, then.moves);
  if (then.last_moves) within('last moves', movesIn(turns.slice(turns.length / 2)).length, then.last_moves);
  const words = (what: string, all: readonly string[], wanted: string | undefined): void => {
    if (wanted !== undefined && !all.some((text) => text.includes(wanted)))
      found.push(`no ${what} with "${wanted}"; there are:\n${[...new Set(all)].join('\n')}`);
  };
  const notes = turns.flatMap(({ plan }) => plan.actions.flatMap((action) => action.notes));
  words('hold or note', [...heldIn(turns).map(({ why }) => why), ...notes], then.held);
  words('condition', turns.flatMap(({ conditions }) => conditions.map(({ text }) => text)), then.told); // prettier-ignore
  words('reason', turns.flatMap(({ plan }) => plan.actions.map(({ reason }) => reason ?? '')), then.reason); // prettier-ignore
  for (const [name, value] of Object.entries(then.ksm ?? {}))
    if (world.hostFields[name] !== value) found.push(`${name}: ${String(world.hostFields[name])}, expected ${value}`);
  return found;
}

const FOLDER = 'test/cases/guards';
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
const cases = files.flatMap((file) => (parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as readonly Case[]).map((test) => [test.guard, test.situation, test] as const)); // prettier-ignore

describe('a small world', () => {
  it.each(cases)('%s: %s', (guard, _situation, test) => {
    expect(problemsOf(test)).toEqual([]);
    expect(problemsOf(test, guard), `passes without the guard ${guard} too`).not.toEqual([]);
  });

  it('is there for each guard of balloons', () => {
    const told = new Set(cases.map(([guard]) => guard));
    const missing = guards.map(({ name }) => name).filter((name) => !told.has(name) && !name.startsWith('ksm-'));
    expect(missing).toEqual([]);
  });
});
