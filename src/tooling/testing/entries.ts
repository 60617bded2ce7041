import type { z } from 'zod';
import { keyName, type KeyPath } from '../../yaml/key-path.ts';
import { parametersSchema, placeOverrides, type PlacedOverride } from '../../parameters/group.ts';
import type { FileProblem } from '../../yaml/problem.ts';
import { parseDuration } from '../../yaml/units.ts';
import type { YamlText } from '../../yaml/yaml-text.ts';
import type { ControlDecl } from '../../model/control.ts';
import type { FieldDecl, FieldValue } from '../../model/field.ts';
import { labelText } from '../../model/labels.ts';
import type { Props } from '../../model/snapshot.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { schemaProblems } from '../../yaml/schema-problems.ts';
import { readNodes, type RawNode } from './nodes.ts';
import type { RawEntity, RawExpect, RawGuests, RawReading, RawScalar, RawVars, RawWants } from './raw.ts';
import { NOTHING } from './schema.ts';
import type { Expect, Given, Vars } from './suite.ts';
import { quantityIn } from '../../policy/index.ts';
import { suggest } from '../../support/suggest.ts';
import type { PolicyScalar } from '../../model/control.ts';
import type { Unit } from '../../model/units.ts';
import { show } from '../../yaml/show.ts';
import { readField } from './values.ts';
import { readWant, type Want } from './want.ts';

const NO_VARS: Vars = { host: new Map(), guests: new Map() };
const PARAMS = parametersSchema('Parameters of a test.');

/** The inputs of a reader, and where it reports problems. */
interface Parts {
  readonly file: string;
  readonly yaml: YamlText;
  readonly vocabulary: Vocabulary;
  /** The schema of one case. */
  readonly schema: z.ZodType;
  readonly problems: FileProblem[];
}

/** Reads the parts of a test file: entities, expectations, parameters, times. */
export class EntryReader {
  protected readonly parts: Parts;
  readonly #fields: Readonly<Record<'host' | 'guest', ReadonlyMap<string, FieldDecl>>>;
  readonly #controls: ReadonlyMap<string, ControlDecl>;
  /** The problems of the current file or table row. */
  protected problems: FileProblem[];

  constructor(parts: Parts) {
    const { hostFields, guestFields, controls } = parts.vocabulary;
    this.parts = parts;
    this.problems = parts.problems;
    const byName = (fields: readonly FieldDecl[]) => new Map(fields.map((field) => [field.name, field]));
    this.#fields = { host: byName(hostFields), guest: byName(guestFields) };
    this.#controls = new Map(controls.map((control) => [control.name, control]));
  }

  protected guests(raw: RawGuests, path: KeyPath): ReadonlyMap<string, Given | null> {
    return new Map(
      Object.entries(raw).map(([name, entity]) => [
        name,
        entity === null ? null : this.entity('guest', entity, [...path, name]),
      ]),
    );
  }

  protected entity(scope: 'host' | 'guest', raw: RawEntity, path: KeyPath): Given {
    const { labels, props, past, ...readings } = raw as RawEntity & {
      readonly labels?: string | readonly string[];
      readonly props?: Props;
      readonly past?: Readonly<Record<string, RawScalar>>;
    };
    const fields = new Map<string, readonly FieldValue[]>();
    for (const [name, reading] of Object.entries(readings)) {
      const field = this.#fields[scope].get(name);
      // An optional key that is absent.
      if (field === undefined || reading === undefined) continue;
      if (field.holds === 'nodes' && Array.isArray(reading)) {
        const text = readNodes(reading as readonly RawNode[], (at, key, message) =>
          this.problem([...path, name, at, key], message),
        );
        fields.set(name, [text]);
        continue;
      }
      const all = Array.isArray(reading)
        ? (reading as Extract<RawReading, readonly unknown[]>)
        : [reading as Exclude<RawReading, readonly unknown[]>];
      fields.set(
        name,
        all.map((each) => {
          const read = readField(field, each);
          if ('value' in read) return read.value;
          this.problem([...path, name], read.problem);
          return null;
        }),
      );
    }
    return {
      fields,
      props: { ...props, ...(labels !== undefined && { labels: labelText([labels].flat()) }) },
      past: this.#past(scope, past ?? {}, [...path, 'past']),
    };
  }

  #past(scope: 'host' | 'guest', raw: Readonly<Record<string, RawScalar>>, path: KeyPath): ReadonlyMap<string, number> {
    const past = new Map<string, number>();
    for (const [name, given] of Object.entries(raw)) {
      const field = this.#fields[scope].get(name);
      if (field === undefined || given === undefined) continue;
      const read = readField(field, given);
      if ('problem' in read) this.problem([...path, name], read.problem);
      else if (typeof read.value === 'number') past.set(name, read.value);
    }
    return past;
  }

  protected expect(raw: RawExpect | undefined, path: KeyPath): Expect | null {
    if (raw === undefined) return null;
    const { line } = this.parts.yaml.keyAt(path);
    if (raw === NOTHING)
      return { line, host: new Map(), guests: new Map(), othersAny: false, hostNamed: true, errors: [], vars: NO_VARS };
    const guests = Object.entries(raw.guests ?? {}).map(
      ([name, wants]) => [name, this.#wants(wants, [...path, 'guests', name])] as const,
    );
    return {
      line,
      host: this.#wants(raw.host ?? NOTHING, [...path, 'host']),
      guests: new Map(guests),
      othersAny: raw.others === 'any',
      hostNamed: raw.host !== undefined,
      errors: (raw.errors ?? []).map((error) =>
        typeof error === 'string'
          ? { guest: null, message: error }
          : { guest: error.guest ?? null, message: error.message },
      ),
      vars: this.vars(raw.vars, [...path, 'vars']),
    };
  }

  #wants(raw: RawWants, path: KeyPath): ReadonlyMap<string, Want> {
    const wants = new Map<string, Want>();
    for (const [name, each] of raw === NOTHING ? [] : Object.entries(raw)) {
      const control = this.#controls.get(name);
      if (control === undefined || each === undefined) continue;
      const read = readWant(control, each);
      if ('value' in read) wants.set(name, read.value);
      else this.problem([...path, name], read.problem);
    }
    return wants;
  }

  protected params(raw: unknown, path: KeyPath): readonly PlacedOverride[] {
    const { file, yaml } = this.parts;
    const parsed = PARAMS.safeParse(raw);
    if (parsed.success) return placeOverrides(parsed.data ?? [], path, yaml, file);
    this.problems.push(...schemaProblems(parsed.error.issues, { yaml, file, schema: PARAMS, base: path }));
    return [];
  }

  protected duration(text: string | undefined, path: KeyPath, otherwise: number): number {
    if (text === undefined) return otherwise;
    const read = parseDuration(text);
    const problem =
      'problem' in read
        ? read.problem
        : read.value === 0
          ? 'the time between two intervals must be greater than zero'
          : null;
    if (problem !== null) this.problem(path, problem);
    return 'value' in read ? read.value : otherwise;
  }

  /** Reports an expectation of a guest that is not there. */
  protected noGuest(path: KeyPath, name: string, names: readonly string[]): void {
    const { file, yaml } = this.parts;
    const meant = suggest(name, names);
    const hint =
      meant === null
        ? `; there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ') || 'none'}`
        : `; did you mean ${show(meant)}?`;
    this.problems.push({
      file,
      ...yaml.keyAt(path),
      message: `${keyName(path)}: there is no guest ${show(name)}${hint}`,
    });
  }

  /** Reports cases that cannot be told apart in a report. */
  protected namesTwice(cases: readonly { readonly name: string; readonly line: number }[]): void {
    const { file } = this.parts;
    const lines = new Map<string, number>();
    for (const { name, line } of cases) {
      const first = lines.get(name);
      if (first === undefined) lines.set(name, line);
      else if (first !== line)
        this.problems.push({
          file,
          line,
          column: null,
          message: `the case on line ${first} has the same name, ${show(name)}; give one of them another`,
        });
    }
  }

  protected vars(raw: RawVars | undefined, path: KeyPath): Vars {
    const check = (stored: Readonly<Record<string, PolicyScalar>> | undefined, own: KeyPath): void => {
      for (const [name, value] of Object.entries(stored ?? {})) {
        const read = typeof value === 'string' ? UNITS.flatMap((unit) => quantityIn(value, unit) ?? [])[0] : undefined;
        if (read)
          this.problem(
            [...own, name],
            `${show(value)} is a text here, because a variable has no unit; write ${read.value}`,
          );
      }
    };
    check(raw?.host, [...path, 'host']);
    for (const [name, stored] of Object.entries(raw?.guests ?? {})) check(stored, [...path, 'guests', name]);
    return varsOf(raw);
  }

  protected problem(path: KeyPath, message: string): void {
    const { file, yaml } = this.parts;
    this.problems.push({
      file,
      ...yaml.valueAt(path),
      message: `${keyName(path)}${message.startsWith('is ') ? ' ' : ': '}${message}`,
    });
  }
}

/** The units that policies count in. */
const UNITS: readonly Unit[] = ['KiB', 's', 'ratio', 'pages'];

function varsOf(raw: RawVars | undefined): Vars {
  return {
    host: new Map(Object.entries(raw?.host ?? {})),
    guests: new Map(Object.entries(raw?.guests ?? {}).map(([name, vars]) => [name, new Map(Object.entries(vars))])),
  };
}
