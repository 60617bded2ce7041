import { describe, expect, it } from 'vitest';
import {
  definitions,
  hover,
  outline,
  references,
  renamable,
  rename,
  signatureHelp,
} from '../../../../src/tooling/language-service/index.ts';
import { applied, marked } from './support.ts';

/** The places as `file:line text up to the place[place]`. */
function shown(found: ReturnType<typeof definitions>, { program }: ReturnType<typeof marked>): readonly string[] {
  return found.map(({ file, start, end }) => {
    const { text } = program.source(file);
    return `${file}:${text.slice(text.lastIndexOf('\n', start - 1) + 1, start)}[${text.slice(start, end)}]`;
  });
}

function goTo(...texts: readonly string[]): readonly string[] {
  const at = marked(...texts);
  return shown(definitions(at.program, at.file, at.offset), at);
}

describe('definitions', () => {
  it.each([
    ['a parameter, not the variable of the same name', ['(defvar x 1)\n(def f (x) (+ |x 1))'], ['a:(def f ([x]']],
    ['the first of a name in let', ['(let ((x 1) (y x)) (+ x| y))'], ['a:(let (([x]']],
    ['a later binding sees the earlier one', ['(let ((x 1) (y |x)) y)'], ['a:(let (([x]']],
    ['the element of a loop', ['(sum Guests g g|.mem_unused)'], ['a:(sum Guests [g]']],
    ['what fold passes on', ['(fold Guests g all 0 (+ a|ll g.mem_unused))'], ['a:(fold Guests g [all]']],
    ['what hand-out gives', ['(hand-out 1GiB Guests g gift 1 (debug g|ift))'], ['a:(hand-out 1GiB Guests g [gift]']],
    ['the element of hand-out', ['(hand-out 1GiB Guests g gift g|.mem_unused 1)'], ['a:(hand-out 1GiB Guests [g]']],
    ['a parameter of a guest', ['(param step 5%)\n(with Guests g (g.Param "st|ep"))'], ['a:(param [step]']],
    ['a variable of another file', ['(debug |limit)', '(param limit 5 "doc")'], ['b:(param [limit]']],
    [
      'all variables of a name that may apply at run time',
      ['(defvar a 1)', '(defvar a 2)', '(debug a|)'],
      ['a:(defvar [a]', 'b:(defvar [a]'],
    ],
    ["callers' bindings if no variable has the name", ['(def f () (+ |x 1))', '(let ((x 1)) (f))'], ['b:(let (([x]']],
    ['all definitions of a function', ['(f| 1)', '(def f (x) x)\n(def f (y) y)'], ['b:(def [f]', 'b:(def [f]']],
    ['a function that the language has too', ['(def map (x) x)\n(m|ap 1)'], ['a:(def [map]']],
    ['what was stored', ['(Host.GetVar "si|nce")', '(Host.SetVar "since" 1)'], ['b:(Host.SetVar "[since]']],
    ['nothing for a field', ['Host.mem_f|ree'], []],
    ['in text with mistakes', ['(def f (x) (+ x 1)\n(debug (f| 1)'], ['a:(def [f]']],
  ])('%s', (_, texts, want) => {
    expect(goTo(...texts)).toEqual(want);
  });
});

describe('references', () => {
  it('distinguishes fields of the host from fields of the guests', () => {
    const at = marked('(debug Host.mem_un|used)\n(with Guests vm (debug vm.mem_unused))\n(Host.StatAvg "mem_unused")');
    expect(shown(references(at.program, at.file, at.offset), at)).toEqual([
      'a:(debug Host.[mem_unused]',
      'a:(Host.StatAvg "[mem_unused]',
    ]);
  });

  it('omits definitions on request', () => {
    const at = marked('(defvar a 1)', '(debug a|)');
    expect(shown(references(at.program, at.file, at.offset, false), at)).toEqual(['b:(debug [a]']);
  });
});

describe('rename', () => {
  function renamed(to: string, ...texts: readonly string[]): readonly string[] | string {
    const { program, file, offset } = marked(...texts);
    const edits = rename(program, file, offset, to);
    return 'refused' in edits ? edits.refused : applied(program, edits);
  }

  it.each([
    ['a parameter in its function alone', ['(def f (v|m) vm)\n(def g (vm) vm)'], ['(def f (n) n)\n(def g (vm) vm)']],
    [
      'a loop variable with its fields',
      ['(with Guests |vm (vm.Control "balloon_target" vm.balloon_cur))'],
      ['(with Guests n (n.Control "balloon_target" n.balloon_cur))'],
    ],
    [
      'a variable in all files, including set',
      ['(defvar x| 1)', '(set x (+ x 1))'],
      ['(defvar n 1)', '(set n (+ n 1))'],
    ],
    ['not what hides it', ['(defvar |x 1)\n(def f (x) x)\n(debug x)'], ['(defvar n 1)\n(def f (x) x)\n(debug n)']],
    ['what functions see of their callers', ['(def f () x)\n(let ((x| 1)) (f))'], ['(def f () n)\n(let ((n 1)) (f))']],
    [
      'a binding read through other functions',
      ['(def f () (g))\n(def g () x)\n(let ((x 1)) (f))\n(let ((|x 2)) x)'],
      ['(def f () (g))\n(def g () x)\n(let ((x 1)) (f))\n(let ((n 2)) n)'],
    ],
    ['a defvar that keeps what let made', ['(let ((x 1)) (defvar x 2) x|)'], ['(let ((n 1)) (defvar n 2) n)']],
    ['a function, with its calls', ['(def f|(x) x)', '(f (f 1))'], ['(def n(x) x)', '(n (n 1))']],
  ])('%s', (_, texts, want) => {
    expect(renamed('n', ...texts)).toEqual(want);
  });

  it.each([
    ['2x', ['(defvar a| 1)'], '"2x" is not a valid name: use a letter or _, then letters, digits, _ and -'],
    ['vm.x', ['(defvar a| 1)'], '"vm.x" is not a valid name: use a letter or _, then letters, digits, _ and -'],
    ['min', ['(defvar a| 1)'], 'min is a name of the language'],
    ['Host', ['(defvar a| 1)'], 'Host is a name of the language'],
    ['nil', ['(defvar a| 1)'], 'nil is reserved'],
    ['b', ['(defvar a| 1)', '(defvar b 1)'], 'there is a variable b'],
    ['f', ['(defvar a| 1)', '(def f () 1)'], 'there is a function f, which the variable would hide'],
    ['f', ['(def g| () 1)', '(def f () 1)'], 'there is a function f'],
    ['a', ['(def g| () 1)', '(defvar a 1)'], 'there is a variable a, which would hide the function'],
    ['b', ['(def g (a| b) a)'], 'b is used where a can be seen: the two would become one'],
    ['b', ['(defvar b 1)\n(def g (|a) (+ a b))'], 'b is used where a can be seen: the two would become one'],
    [
      'b',
      ['(defvar b 1)\n(def f () b)\n(let ((a 1)) (+ |a (f)))'],
      'a function that is called within the scope of a reads b',
    ],
    ['b', ['(let ((b 1) (|a 2)) a)'], 'b is used where a can be seen: the two would become one'],
    ['x', ['(mi|n 1 2)'], 'min is a function of the language'],
    ['x', ['Host.mem_f|ree'], 'mem_free is a field defined by a collector'],
    ['x', ['(Host.Control "ksm_r|un" 1)'], 'ksm_run is a control defined by a controller'],
    ['x', ['(Host.GetVar "s|ince")'], 'since is a stored variable: its stored values would be lost'],
    ['x', ['H|ost.mem_free'], 'Host is a name of the language'],
    ['x', ['(nos|uch 1)'], 'nosuch has no definition in this program'],
    ['x', ['(def f () 1)\n(defvar |f 1)'], 'f is both a function and a variable: rename one of them manually'],
    ['x', ['12|'], 'no name at this position'],
  ])('refuses %s for %j: %s', (to, texts, want) => {
    expect(renamed(to, ...texts)).toBe(want);
  });

  it('returns the range to rename', () => {
    const { program, file, offset } = marked('(debug Host.mem_free)\n(defvar li|mit 1)');
    expect(renamable(program, file, offset)).toEqual({ file: 'a', start: 30, end: 35 });
  });
});

describe('hover', () => {
  const hoverText = (...texts: readonly string[]): string | undefined => {
    const { program, file, offset } = marked(...texts);
    return hover(program, file, offset)?.markdown;
  };

  it.each([
    [
      'a builtin',
      '(cl|amp 1 2 3)',
      '```ballast-policy\n(clamp A LOW HIGH)\n```\nA limited to the range from LOW to HIGH',
    ],
    ['an operator', '(<|= 1 2)', '(<= A B)'],
    ['a method', '(Host.Sta|tMin "mem_free")', '`:over DURATION`'],
    [
      'a figure of a NUMA node',
      '(map (default Host.numa_nodes (list)) node node.mem_un|used)',
      '**mem_unused** of a NUMA node: number, KiB',
    ],
    ['the guests of one', '(map (default Host.numa_nodes (list)) node node.gu|ests)', '**guests** of a NUMA node'],
    ['a field', 'Host.mem_f|ree', '**mem_free** of the host: number, KiB'],
    ['a field in quotes', '(Host.StatAvg "mem_f|ree")', '**mem_free** of the host: number, KiB'],
    ['a field that may be nil', '(with Guests vm vm.mem_un|used)', 'of a guest'],
    ['a control', '(Host.Control "ksm_r|un" 1)', 'control **ksm_run** of the host: number, 0 to 2'],
    ['a property', '(with Guests vm (vm.Prop "na|me"))', 'property **name** of a guest'],
    [
      'a function with its comment',
      '# Twice as much.\n# For guests.\n(def f (x) x)\n(f| 1)',
      '(f x)\n```\nTwice as much.\nFor guests.\n\nfunction, a:3',
    ],
    [
      'a variable with its value and trailing comment',
      '(defvar share 0.2) # of all\n(debug sh|are)',
      '(defvar share 0.2)\n```\nof all\n\nvariable, a:1',
    ],
    [
      'a parameter of the policy',
      '(param limit 5GiB "how much" :min 1GiB)\n(debug li|mit)',
      '(param limit 5GiB "how much" :min 1GiB)',
    ],
    ['what a variable can be', '(defvar free Host.mem_free)\n(debug fr|ee)', 'Here: number of KiB'],
    [
      'the type of a new variable',
      '(defvar fr|ee (/ Host.mem_free Host.mem_available))\n(debug free)',
      'Here: number, a ratio',
    ],
    ['what a field can be', '(with Guests vm (debug vm.mem_un|used))', 'Here: number of KiB'],
    ['the type of a call', '(def f (x) (> x 1))\n(debug (f| 2))', 'Here: truth value'],
    [
      'the overrides of a parameter',
      '(param limit 5GiB)\n(debug li|mit)',
      'parameters.yaml sets limit to `6GiB`.\n\nballast.yaml sets limit for label db to `8GiB`.',
    ],
    ['a parameter', '(def f (vm other) v|m)', '(def f (vm other) …)'],
    ['the host', '(debug H|ost)', 'The host'],
    ['a word with a colon', '(Host.StatMin "mem_free" :la|st 3)', '**:last** of StatMin'],
  ])('%s', (_, text, want) => {
    expect(hoverText(text)).toContain(want);
  });

  it('returns nothing for unknown names', () => {
    expect(hoverText('(nos|uch 1)')).toBeUndefined();
    expect(hoverText('(debug 1|2)')).toBeUndefined();
  });
});

describe('signatures', () => {
  const help = (text: string) => {
    const { program, file, offset } = marked(text);
    const found = signatureHelp(program, file, offset);
    if (!found) return null;
    const signature = found.signatures[found.active]!;
    const parameter = found.parameter === null ? undefined : signature.parameters[found.parameter];
    return `${signature.label}: ${parameter ? signature.label.slice(...parameter) : 'none'}`;
  };

  it.each([
    ['(clamp 1 |', '(clamp A LOW HIGH): LOW'],
    ['(+ |)', '(+ A B): A'],
    ['(and 1 2 3 |', '(and A …): A'],
    ['(cond (1 2) |', '(cond (TEST BODY …) … (else BODY …)): (else BODY …)'],
    ['(sum Guests |', '(sum LIST NAME BODY …): NAME'],
    ['(with Guests vm (vm.Control "balloon_target" |', '(ENTITY.Control "NAME" VALUE): VALUE'],
    ['(def f (a b) 1)\n(f 1 |2)', '(f a b): b'],
    ['(def f (a b) 1)\n(f 1 2 |', '(f a b): none'],
    ['(nosuch |', null],
    ['(clam|p', null],
    ['|', null],
  ])('%s', (text, want) => {
    expect(help(text)).toBe(want);
  });
});

describe('the outline', () => {
  it('contains what a file defines for the program', () => {
    const { program } = marked('(defvar a 1)\n(param b 1 "doc")\n(def f (x y) (let ((z 1)) z))|');
    expect(outline(program, 'a').map(({ name, kind, detail }) => [name, kind, detail])).toEqual([
      ['a', 'variable', ''],
      ['b', 'param', ''],
      ['f', 'function', '(x y)'],
    ]);
  });
});
