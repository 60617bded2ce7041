import { describe, expect, it } from 'vitest';
import { Expander } from '../../../../src/policy/forms/expand.ts';
import type { Expression } from '../../../../src/policy/forms/forms.ts';
import {
  bindingsOf,
  calledName,
  isListOfGuests,
  scopedParts,
  variableRead,
} from '../../../../src/policy/forms/scopes.ts';
import { DEFAULT_LIMITS } from '../../../../src/policy/limits/limits.ts';
import { parse } from '../../../../src/policy/parser/parser.ts';
import { SourceText, spanText } from '../../../../src/policy/text/source.ts';

function expression(text: string): Expression {
  const { file, diagnostics } = parse(new SourceText({ file: 'p', text }), DEFAULT_LIMITS);
  expect(diagnostics).toEqual([]);
  return new Expander().topLevel(file.expressions[0]!);
}

describe('names bound by an expression', () => {
  it.each([
    ['(let ((a 1) (b 2)) c)', ['let a = 1', 'let b = 2']],
    ['(with Guests vm vm.x)', ['element vm = Guests']],
    ['(map (f) x (+ x 1))', ['element x = (f)']],
    ['(count Guests)', []],
    ['(defvar a (f))', ['defvar a = (f)']],
    ['(param a 10% "doc")', ['param a = 10%']],
    ['(def f (a b) (+ a b))', ['parameter a', 'parameter b']],
    ['(def f (a 1) a)', []],
    ['(set a 1)', []],
    ['(if a b c)', []],
  ])('%s', (text, want) => {
    const found = bindingsOf(expression(text)).map(
      ({ name, by, value }) => `${by} ${name}${value === null ? '' : ` = ${spanText(value.span)}`}`,
    );
    expect(found).toEqual(want);
  });
});

describe('visibility of bindings', () => {
  it.each([
    ['(let ((a 1) (b a)) c d)', ['1 ()', 'a (a)', 'c (a b)', 'd (a b)']],
    ['(with Guests vm vm.x)', ['Guests ()', 'vm.x (vm)']],
    ['(sum Guests vm vm.x)', ['Guests ()', 'vm.x (vm)']],
    ['(sum Guests)', ['Guests ()']],
    ['(+ a b)', ['a ()', 'b ()']],
    ['(def f (a) a)', []],
  ])('%s', (text, want) => {
    const found = scopedParts(expression(text)).map(({ part, bound }) => `${spanText(part.span)} (${bound.join(' ')})`);
    expect(found).toEqual(want);
  });
});

describe('names read and called by an expression', () => {
  it.each([
    ['a', 'a', null],
    ['vm.x', 'vm', null],
    ['(vm.Stat "x")', 'vm', 'vm.Stat'],
    ['(f a)', null, 'f'],
    ['(+ a 1)', null, null],
    ['1', null, null],
  ])('%s', (text, read, called) => {
    expect([variableRead(expression(text)), calledName(expression(text))]).toEqual([read, called]);
  });

  it.each([
    ['Guests', true],
    ['(filter Guests vm vm.x)', true],
    ['(sort (filter Guests vm vm.x) vm vm.x)', true],
    ['(map Guests vm vm.x)', false],
    ['others', false],
  ])('%s has the guests for elements: %s', (text, want) => {
    expect(isListOfGuests(expression(text))).toBe(want);
  });
});
