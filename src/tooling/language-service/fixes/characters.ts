import { trailing } from '../../../support/trailing.ts';
import { edit, insert, change, remove, type Cure } from './site.ts';

// Cures for characters, brackets and quotes.

/** Signs of other languages, and what they are here. */
const SIGNS: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', '!': 'not ' };

export const foreignSign: Cure = (site) => {
  const { source, start, end } = site;
  const sign = source.text.slice(start, end);
  const before = source.text.slice(Math.max(0, start - 80), start);
  const behind = source.text.slice(end, end + 80);
  const range = { start, end };
  const right = Object.hasOwn(SIGNS, sign) ? SIGNS[sign] : undefined;
  if (right !== undefined) return [change(site, range, right)];
  if (sign === ',') {
    const isPoint = /[0-9]$/.test(before) && /^[0-9]/.test(behind);
    return isPoint ? [change(site, range, '.')] : [{ ...remove(site, range), title: 'Remove the comma' }];
  }
  const space = trailing(before, /[ \t]/);
  const number = trailing(before.slice(0, before.length - space.length), /[0-9.]/);
  if (sign === '%' && space !== '' && number !== '')
    return [change(site, { start: start - space.length - number.length, end }, `${number}%`)];
  const word = /[A-Za-z].*/.exec(trailing(before, /[A-Za-z0-9-]/))?.[0];
  if (sign === ':' && word !== undefined) return [change(site, { start: start - word.length, end }, `:${word}`)];
  if (sign === '?' && word === 'nil') return [change(site, { start: start - word.length, end }, 'null')];
  return [];
};

/** Quotes that a word processor has made. */
export const curlyQuotes: Cure = (site) => {
  const { source, start } = site;
  const [text, inner] =
    /^[\u201c-\u201f]([^"\u201c-\u201f\r\n\\]*)[\u201c-\u201f]/.exec(source.text.slice(start, start + 1000)) ?? [];
  return text === undefined ? [] : [change(site, { start, end: start + text.length }, `"${inner}"`)];
};

export const strayBrackets: Cure = (site) => {
  const [brackets = ''] = /^[)\]}]+/.exec(site.source.text.slice(site.start)) ?? [];
  return [remove(site, { start: site.start, end: site.start + brackets.length })];
};

export const otherBracket: Cure = (site) =>
  [')', ']', '}']
    .filter((bracket) => bracket !== site.source.text.charAt(site.start))
    .map((bracket) => change(site, site, bracket));

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Before the next form that begins a line, or at the end of the form or the file. */
export const closingBracket: Cure = (site) => {
  const { source, start, around } = site;
  const bracket = CLOSING[source.text.charAt(start)];
  if (bracket === undefined) return [];
  const next = /[\r\n][([{]/.exec(source.text.slice(start));
  const ends = [
    next ? start + next.index : source.text.length,
    around.find((list) => list.span.start === start)?.span.end ?? start,
    source.text.length,
  ];
  return ends.map((end) => insert(site, codeEnd(source.text, start, end), bracket));
};

/** The end of the last line before an offset that has more than space and a comment; a quoted `#` is not looked for. */
function codeEnd(text: string, start: number, end: number): number {
  const lines = text.slice(start, end).split(/(?<=[\r\n])/);
  let at = end;
  for (const line of lines.toReversed()) {
    const code = line.replace(/#[^\r\n]*/, '').trimEnd();
    if (code !== '') return at - line.length + code.length;
    at -= line.length;
  }
  return end;
}

/** A text that is one word. */
export const missingQuote: Cure = (site) => {
  const { source, start } = site;
  const quote = source.text.charAt(start);
  const [behind = ''] = /^[^\s()[\]{}'"]+(?=[\s()[\]{}]|$)/.exec(source.text.slice(start + 1, start + 200)) ?? [];
  const before = trailing(source.text.slice(Math.max(0, start - 200), start), /[^\s()[\]{}'"]/);
  return [
    ...(behind === '' ? [] : [insert(site, start + 1 + behind.length, quote)]),
    ...(before === '' ? [] : [insert(site, start - before.length, quote)]),
  ];
};

/** Placeholders of other languages in the text of `format`. */
export const printf: Cure = (site) => {
  const { source, start, end } = site;
  const found = [...source.text.slice(start, end).matchAll(/%(?:[-+0 ]?[0-9]*(?:\.[0-9]+)?[sdifgu])/g)];
  if (found.length === 0) return [];
  const edits = found.map(({ index, 0: text }) =>
    edit(site, { start: start + index, end: start + index + text.length }, '{}'),
  );
  return [{ title: `Change ${found[0]?.[0]} to {}`, edits }];
};
