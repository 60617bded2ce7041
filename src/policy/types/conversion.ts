import type { Advice } from '../messages/wording.ts';
import type { Span } from '../text/source.ts';
import type { Measure } from './measure.ts';

interface Conversion {
  readonly from: string;
  readonly to: string;
  /** One of `from` is this many of `to`: a number, or the field that has it. */
  readonly factor: number | string;
  readonly equation: string;
}

const CONVERSIONS: readonly Conversion[] = [
  { from: 'pages', to: 'KiB', factor: 'Host.page_size', equation: 'a page is Host.page_size KiB' },
  { from: 'KiB', to: 'bytes', factor: 1024, equation: 'a KiB is 1024 bytes' },
  { from: 's', to: 'ms', factor: 1_000, equation: 'a second is 1000 ms' },
  { from: 'ms', to: 'us', factor: 1_000, equation: 'a millisecond is 1000 us' },
  { from: 's', to: 'us', factor: 1_000_000, equation: 'a second is 1000000 us' },
  { from: 'ratio', to: '%', factor: 100, equation: 'a ratio of 1 is 100 %' },
];

/** An operand: its measure and its text, if that is short enough for a hint. */
export interface Measured {
  readonly measure: Measure;
  readonly text: string;
  readonly span: Span;
}

/** How to convert two operands to one unit; null when there is no conversion. Converts the larger unit, which avoids fractions. */
export function conversionAdvice(a: Measured, b: Measured): Advice | null {
  return adviceFrom(a, b) ?? adviceFrom(b, a) ?? rateAdvice(a, b) ?? rateAdvice(b, a) ?? shareHint(a) ?? shareHint(b);
}

/** How to convert a value to the expected unit. */
export function convertTo(value: Measured, wanted: Measure): Advice | null {
  const found = conversion(value.measure, wanted);
  if (found) return instead(found.equation, value, (text) => `(* ${found.factor} ${text})`);
  const back = conversion(wanted, value.measure);
  return back && instead(back.equation, value, (text) => `(/ ${text} ${back.factor})`);
}

/** Advice for a share where an amount is expected. */
export function shareOf(share: Measured, total: string | null): Advice | null {
  if (total === null || share.measure.text !== 'ratio') return null;
  return instead('a share of an amount', share, (text) => `(* ${text === 'X' ? 'SHARE' : text} ${total})`);
}

/** Advice to write something in place of an operand. A long operand has a letter in the hint, and no fix. */
function instead(why: string, { text, span }: Measured, right: (text: string) => string): Advice {
  return {
    hint: `${why}: ${right(text)}`,
    fix: text === 'X' ? null : { wrong: text, right: right(text), span },
  };
}

function adviceFrom(a: Measured, b: Measured): Advice | null {
  const found = conversion(a.measure, b.measure);
  return found && instead(found.equation, a, (text) => `(* ${found.factor} ${text})`);
}

/** For a literal amount beside a rate: it is probably meant per second. */
function rateAdvice(rate: Measured, amount: Measured): Advice | null {
  if (rate.measure.text !== `${amount.measure.text}/s` || !isWritten(amount)) return null;
  return instead('as an amount per second', amount, (text) => `(/ ${text} 1s)`);
}

function shareHint(share: Measured): Advice | null {
  return share.measure.text === 'ratio' && isWritten(share)
    ? { hint: `for a share of a total, write (* ${share.text} TOTAL)`, fix: null }
    : null;
}

function isWritten({ text }: Measured): boolean {
  return /^-?[0-9.]+[A-Za-z%]*$/.test(text);
}

function conversion(a: Measure, b: Measure): Conversion | null {
  return CONVERSIONS.find(({ from, to }) => a.text === from && b.text === to) ?? null;
}
