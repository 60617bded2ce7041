import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import { asNumber, describe, show, type CallContext, type Value } from '../values/values.ts';
import type { PlainFunction } from './plain-function.ts';
import { payForJoined, textAt } from './text-arguments.ts';

/** The placeholders of `format` and how each formats a number. */
const PLACES: readonly {
  readonly form: string;
  readonly match: RegExp;
  readonly show: (x: number, match: RegExpExecArray) => string;
}[] = [
  { form: '{:.1}', match: /^:\.([0-9])$/, show: (x, [, digits]) => x.toFixed(Number(digits)) },
  { form: '{:size}', match: /^:size$/, show: (kib) => sizeText(kib) },
  { form: '{:percent}', match: /^:percent$/, show: (ratio) => `${Math.round(ratio * 1000) / 10}%` },
];

/** Splits a template into text, placeholders and escaped braces. */
const PIECES = /(\{\{|\}\}|\{[^{}]*\})/;

interface Place {
  /** As written: `{:size}`. */
  readonly piece: string;
  /** null: `{}`, which shows any value, or a placeholder that does not exist. */
  readonly showNumber: ((x: number) => string) | null;
}

/** A template read once: policies format the same few templates for every guest. */
interface Template {
  readonly pieces: readonly (string | Place)[];
  readonly places: readonly Place[];
  /** Whether every placeholder exists. */
  readonly isValid: boolean;
}

/** UTF-16 units of the templates that are kept; a policy can make any number of them. */
const MAX_KEPT = 262_144;
const kept = new Map<string, Template>();
let keptLength = 0;

function readTemplate(text: string): Template {
  const known = kept.get(text);
  if (known) return known;
  const pieces = text.split(PIECES).map((piece, at): string | Place => {
    if (at % 2 === 0) return piece;
    return piece === '{{' || piece === '}}' ? piece.charAt(0) : { piece, showNumber: placeFor(piece) };
  });
  const places = pieces.filter((piece) => typeof piece !== 'string');
  const template = { pieces, places, isValid: places.every(isKnown) };
  if (text.length > MAX_KEPT) return template;
  if (keptLength + text.length > MAX_KEPT) {
    kept.clear();
    keptLength = 0;
  }
  keptLength += text.length;
  kept.set(text, template);
  return template;
}

function isKnown({ piece, showNumber }: Place): boolean {
  return piece === '{}' || showNumber !== null;
}

function placeFor(piece: string): ((x: number) => string) | null {
  for (const place of PLACES) {
    const match = place.match.exec(piece.slice(1, -1));
    if (match) return (x) => place.show(x, match);
  }
  return null;
}

/** The placeholders of a `format` template: `{}`, `{:size}`. */
export function placesOf(template: string): readonly string[] {
  return readTemplate(template).places.map(({ piece }) => piece);
}

/** The problem with a template, regardless of the values; null if it is valid. */
export function templateFault(template: string, given: number): Fault | null {
  const { places } = readTemplate(template);
  if (places.length !== given) {
    const printf = /%[-+ 0-9.]*[a-zA-Z]|\$\{?[A-Za-z_]\w*\}?/.exec(template)?.[0] ?? null;
    return catalogue.placeholders(places.length, given, printf);
  }
  const unknown = places.find((place) => !isKnown(place));
  return unknown === undefined
    ? null
    : catalogue.badPlaceholder(unknown.piece, ['{}', ...PLACES.map(({ form }) => form)]);
}

/** `{}` shows a value unchanged; `{{` is a brace. */
export const format: PlainFunction = (args, context) => {
  const given = textAt('format', 0, args, context);
  context.charge(given.length);
  const template = readTemplate(given);
  const fault =
    template.isValid && template.places.length === args.length - 1 ? null : templateFault(given, args.length - 1);
  if (fault) return context.fail(fault);
  // Without a list of the parts: policies format a reason for every guest.
  let text = '';
  let next = 1;
  for (const piece of template.pieces)
    text += typeof piece === 'string' ? piece : filled(piece, args[next++] as Value, args, context);
  payForJoined(text.length, template.pieces.length, context);
  return text;
};

function filled({ piece, showNumber }: Place, value: Value, args: readonly Value[], context: CallContext): string {
  // In a valid template, only {} accepts any value.
  if (showNumber === null) return value === null ? 'nil' : show(value, context);
  const number = asNumber(value);
  return number === undefined
    ? context.fail(catalogue.operands(piece, 'a number', describe(value), context.nilHint(args)))
    : showNumber(Number(number));
}

const SIZES = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Formats KiB: `1.5 GiB`. */
export function sizeText(kib: number): string {
  let size = kib;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < SIZES.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${Number(size.toFixed(Math.abs(size) < 10 ? 2 : 1))} ${SIZES[unit]}`;
}
