import { z } from 'zod';
import { show } from './show.ts';
import { type Parsed, parseDuration, parseRatio, parseSize } from './units.ts';
import { suggest } from '../support/suggest.ts';

/**
 * The kinds of value that a key can have. Each has one phrase for the expected value (`form`), shared by the reference page and the
 * error messages.
 */
export interface KeyMeta {
  readonly doc: string;
  /** `a duration from 100ms to 1h`; absent for a group of keys. */
  readonly form?: string;
  [other: string]: unknown;
}

interface Key<T> {
  readonly doc: string;
  /** As written in the file. Without a default, an absent key is null. */
  readonly default?: T;
}

interface Range {
  readonly min: string;
  readonly max: string;
}

export function duration(key: Required<Key<string>> & Range) {
  return quantity(key, `a duration from ${key.min} to ${key.max}`, ranged(parseDuration, key));
}

export function size(key: Required<Key<string>> & Range) {
  return quantity(key, `a size from ${key.min} to ${key.max}`, ranged(parseSize, key));
}

/** A size without a default, for list items. */
export function requiredSize(key: { readonly doc: string } & Range) {
  const form = `a size from ${key.min} to ${key.max}`;
  return checked(form, ranged(parseSize, key)).meta({ doc: key.doc, form } satisfies KeyMeta);
}

export function ratio(key: Required<Key<string>>) {
  return quantity(key, 'a percentage such as 25%, or a number from 0 to 1', parseRatio);
}

interface WholeRange {
  readonly min: number;
  readonly max: number;
}

export function integer(key: Required<Key<number>> & WholeRange) {
  const { form, type } = whole(key);
  return type.default(key.default).meta({ doc: key.doc, form } satisfies KeyMeta);
}

export function optionalInteger(key: { readonly doc: string } & WholeRange) {
  const { form, type } = whole(key);
  return type.optional().meta({ doc: key.doc, form } satisfies KeyMeta);
}

/** How other formats write true and false. */
const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['on', true],
  ['y', true],
  ['1', true],
  ['true', true],
  ['no', false],
  ['off', false],
  ['n', false],
  ['0', false],
  ['false', false],
]);

export function flag(key: Required<Key<boolean>>) {
  const form = 'true or false';
  return z
    .boolean({
      error: (issue) => {
        const meant = typeof issue.input === 'object' ? undefined : TRUTHS.get(String(issue.input).toLowerCase());
        return meant === undefined ? wrong(form)(issue) : `${show(issue.input)} is not ${form}; did you mean ${meant}?`;
      },
    })
    .default(key.default)
    .meta({ doc: key.doc, form } satisfies KeyMeta);
}

export function choice<const T extends readonly [string, ...string[]]>(values: T, key: Required<Key<T[number]>>) {
  const form = values.length === 1 ? values[0] : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
  const error = (issue: { readonly input?: unknown }) => {
    const given = typeof issue.input === 'string' ? issue.input.toLowerCase() : '';
    const longer = values.find((value) => given.length > 2 && (given.startsWith(value) || value.startsWith(given)));
    const meant = suggest(given, values) ?? longer ?? null;
    return meant === null ? wrong(form)(issue) : `${show(issue.input)} is not ${form}; did you mean ${meant}?`;
  };
  // default() of zod expects the literal type of the values.
  return z
    .enum(values, { error })
    .default(key.default as never)
    .meta({ doc: key.doc, form } satisfies KeyMeta);
}

export function text(key: Required<Key<string>> & { readonly form: string; readonly pattern: RegExp }) {
  return required(key)
    .default(key.default)
    .meta({ doc: key.doc, form: key.form } satisfies KeyMeta);
}

export function optionalPath(key: { readonly doc: string; readonly pattern?: RegExp; readonly form?: string }) {
  const form = key.form ?? 'a path';
  const meta: KeyMeta = { doc: key.doc, form };
  return required({ form, pattern: key.pattern ?? ANY_PATH })
    .optional()
    .meta(meta);
}

export function requiredText(key: { readonly doc: string; readonly form: string; readonly pattern: RegExp }) {
  return required(key).meta({ doc: key.doc, form: key.form } satisfies KeyMeta);
}

/** A list of names or paths; a single one may be written without a list. */
export function textList(
  key: Required<Key<readonly string[]>> & { readonly form: string; readonly item: string; readonly pattern?: RegExp },
) {
  return list(key)
    .default([...key.default])
    .meta({ doc: key.doc, form: key.form } satisfies KeyMeta);
}

/** {@link textList} without a default, for list items. */
export function requiredTextList(key: {
  readonly doc: string;
  readonly form: string;
  readonly item: string;
  readonly pattern: RegExp;
}) {
  return list(key).meta({ doc: key.doc, form: key.form } satisfies KeyMeta);
}

export function optionalTextList(key: { readonly doc: string; readonly form: string; readonly item: string }) {
  return list(key)
    .optional()
    .meta({ doc: key.doc, form: key.form } satisfies KeyMeta);
}

/** A group of keys. An empty group (all its lines commented out, say) equals an absent one. */
export function group<S extends z.ZodRawShape>(doc: string, shape: S) {
  return z
    .preprocess(nullIsEmpty, strict(shape))
    .prefault({} as never)
    .meta({ doc } satisfies KeyMeta);
}

export function strict<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: ({ code, input }) => {
      if (code !== 'invalid_type') return undefined;
      const [first] = Object.keys(shape);
      const example = typeof input !== 'string' || first === undefined ? '' : ` such as {${first}: ${input}}`;
      return `${show(input)} is not a group of keys${example.length > 100 ? '' : example}`;
    },
  });
}

export function nullIsEmpty(input: unknown): unknown {
  return input === null ? {} : input;
}

/** The message for an invalid key: the problem and the expected form. */
export function wrong(form: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => {
    if (input === undefined) return `is missing; write ${form}`;
    if (input === null) return `has no value; write ${form}, or remove it`;
    return `${show(input)} is not ${form}`;
  };
}

// A path cannot contain a NUL byte; a line break in a path is a mistake in the YAML.
const ANY_PATH = /^[^\0\r\n]+$/;

function required({ form, pattern }: { readonly form: string; readonly pattern: RegExp }) {
  const error = wrong(form);
  return z.string({ error }).regex(pattern, { error });
}

function list({ form, item, pattern }: { readonly form: string; readonly item: string; readonly pattern?: RegExp }) {
  const one = required({ form: item, pattern: pattern ?? ANY_PATH });
  return z.preprocess((input) => (typeof input === 'string' ? [input] : input), z.array(one, { error: wrong(form) }));
}

function whole({ min, max }: WholeRange) {
  const form = `a whole number from ${min} to ${max}`;
  const error = wrong(form);
  return { form, type: z.int({ error }).min(min, { error }).max(max, { error }) };
}

function quantity(key: Required<Key<string>>, form: string, parse: (input: unknown) => Parsed) {
  return checked(form, parse)
    .prefault(key.default)
    .meta({ doc: key.doc, form } satisfies KeyMeta);
}

function checked(form: string, parse: (input: unknown) => Parsed) {
  return z.unknown().transform((input, context): number => {
    const parsed: Parsed = input === null || input === undefined ? { problem: wrong(form)({ input }) } : parse(input);
    if ('value' in parsed) return parsed.value;
    context.issues.push({ code: 'custom', message: parsed.problem, input });
    return z.NEVER;
  });
}

function ranged(parse: (input: unknown) => Parsed, { min, max }: Range): (input: unknown) => Parsed {
  const [least, most] = [min, max].map((bound) => {
    const parsed = parse(bound);
    if ('problem' in parsed) throw new Error(`the bound ${parsed.problem}`);
    return parsed.value;
  }) as [number, number];
  return (input) => {
    const parsed = parse(input);
    if ('problem' in parsed) return parsed;
    if (parsed.value < least) return { problem: `${show(input)} is too small; the minimum is ${min}` };
    if (parsed.value > most) return { problem: `${show(input)} is too large; the maximum is ${max}` };
    return parsed;
  };
}
