import { describe, expect, it } from 'vitest';
import { PolicyProgram, semanticTokens } from '../../../../src/tooling/language-service/index.ts';
import { knowledge } from './support.ts';

/** Each token as `text type modifier …`. */
function tokens(text: string, start = 0, end = text.length): readonly string[] {
  return semanticTokens(new PolicyProgram([{ file: 'a', text }], knowledge), 'a', start, end).map((each) =>
    [text.slice(each.start, each.end), each.type, ...each.modifiers].join(' '),
  );
}

describe('semantic tokens', () => {
  it.each<[text: string, ...want: string[]]>([
    ['# note', '# note comment'],
    ['(+ 1 512MiB)', '+ operator', '1 number', '512MiB number'],
    ['(- 1 :min)', '- operator', '1 number', ':min keyword'],
    ['{ nil }', 'nil keyword'],
    ['(max 20% "a")', 'max function defaultLibrary', '20% number', '"a" string'],
    ['(cond (else 1))', 'cond keyword', 'else keyword', '1 number'],
    ['(defvar a 1)', 'defvar keyword', 'a variable declaration', '1 number'],
    [
      '(def f (x) x)(f 1)',
      ...['def keyword', 'f function declaration', 'x parameter declaration', 'x parameter', 'f function', '1 number'],
    ],
    ['(param p 5)', 'param keyword', 'p parameter declaration readonly', '5 number'],
    [
      '(param p 5)(set p 6)',
      ...['param keyword', 'p parameter declaration', '5 number', 'set keyword', 'p parameter', '6 number'],
    ],
    [
      '(param p "a" :one-of ("a"))',
      ...['param keyword', 'p parameter declaration readonly', '"a" string', ':one-of keyword', '"a" enumMember'],
    ],
    ['Host.mem_free', 'Host variable readonly defaultLibrary', 'mem_free property readonly'],
    [
      '(with Guests g g.libvirt_curmem)',
      ...['with keyword', 'Guests variable readonly defaultLibrary', 'g variable declaration', 'g variable'],
      'libvirt_curmem property readonly deprecated',
    ],
    [
      '(Host.SetVar "n" 1)',
      ...['Host variable readonly defaultLibrary', 'SetVar method defaultLibrary'],
      ...['" string', 'n property declaration', '" string', '1 number'],
    ],
    [
      '(Host.Prop "name")',
      ...['Host variable readonly defaultLibrary', 'Prop method defaultLibrary'],
      ...['" string', 'name property readonly', '" string'],
    ],
    ['(debug "a\r\nb")', 'debug function defaultLibrary', '"a string', 'b" string'],
    ['(nosuch other)'],
  ])('%j', (text, ...want) => {
    expect(tokens(text)).toEqual(want);
  });

  it('are those that touch a range', () => {
    const text = '(defvar a 1)\n(defvar b 2)';
    expect(tokens(text, 13)).toEqual(['defvar keyword', 'b variable declaration', '2 number']);
    expect(tokens(text, 9, 10)).toEqual([]);
    expect(tokens(text, 8, 9)).toEqual(['a variable declaration']);
  });
});
