import { describe, expect, it } from 'vitest';
import { completions } from '../../../../src/tooling/language-service/index.ts';
import { marked } from './support.ts';

function labels(...texts: readonly string[]): readonly string[] {
  const { program, file, offset } = marked(...texts);
  return completions(program, file, offset).map(({ label }) => label);
}

function item(label: string, ...texts: readonly string[]) {
  const { program, file, offset } = marked(...texts);
  return completions(program, file, offset).find((each) => each.label === label);
}

describe('after a dot', () => {
  it('offers the attributes of the entity: of a guest in a loop over Guests', () => {
    const found = labels('(with Guests vm (+ vm.|');
    expect(found).toEqual(expect.arrayContaining(['balloon_cur', 'mem_unused', 'StatAvg']));
    expect(found).not.toContain('ksm_run');
  });

  it.each([
    ['Host', '(if (< Host.mem_|'],
    ['a name for Host', '(let ((h Host)) (+ h.|'],
  ])('the host: %s', (_, text) => {
    expect(labels(text)).toContain('ksm_run');
    expect(labels(text)).not.toContain('balloon_cur');
  });

  it.each([
    ['a loop over filtered guests', '(map (filter Guests g (tagged g "db")) vm (+ vm.|'],
    ['a name for them', '(defvar dbs (filter Guests g (tagged g "db")))\n(with dbs vm (+ vm.|'],
    ['one of them', '(let ((vm (max-of Guests g g.mem_unused))) (+ vm.|'],
    ['in a clause of case', '(with Guests vm (case 1 ((1 2) vm.|'],
    ['in what hand-out is asked for', '(hand-out 1GiB Guests vm gift vm.|'],
    ['a parameter that calls give a guest, also below', '(def f (vm) (+ vm.|\n(with Guests guest (f guest))'],
  ])('a guest: %s', (_, text) => {
    expect(labels(text)).toContain('balloon_cur');
    expect(labels(text)).not.toContain('ksm_run');
  });

  it.each([
    ['a loop', '(if (valid Host.numa_nodes) (with Host.numa_nodes node (+ node.|'],
    ['a loop over some of them', '(map (filter (default Host.numa_nodes (list)) n n.has_cpus) node (+ node.|'],
  ])('a NUMA node: %s', (_, text) => {
    expect(labels(text)).toEqual(['id', 'mem_total', 'mem_unused', 'mem_allocatable', 'has_cpus', 'guests']);
  });

  it('offers the guests of a NUMA node as guests', () => {
    const found = labels('(map (default Host.numa_nodes (list)) node (sum node.guests vm vm.|');
    expect(found).toContain('balloon_cur');
  });

  it('terminates for cyclic names and for names with a thousand sources', () => {
    expect(labels('(defvar a b)(defvar b a)\n(+ a.|')).toEqual([]);
    expect(
      labels(
        '(def f (vm) (g vm))(def g (vm) (f vm))(with Guests x (f x))\n(def h (vm) (+ vm.|',
        '(with Guests x (h x))',
      ),
    ).toContain('balloon_cur');
    const ways = Array.from(
      { length: 12 },
      (_, at) =>
        `(def f${at} (vm) (f${at + 1} vm))(def g${at} (vm) { (f${at} vm) (f${at} vm) (g${at + 1} vm) (f${at + 1} vm) })`,
    ).join('\n');
    expect(labels(`${ways}\n(def f12 (vm) (+ vm.|`)).toContain('balloon_cur');
  });

  it('offers both kinds of attributes if the entity is unknown, and none for a number', () => {
    expect(labels('(def f (x) (+ x.|')).toEqual(expect.arrayContaining(['balloon_cur', 'ksm_run']));
    expect(labels('(defvar n 1)(+ n.|')).toEqual([]);
  });

  it('offers only methods at the head of a list, with placeholders for their arguments', () => {
    expect(labels('(with Guests vm (vm.|')).not.toContain('balloon_cur');
    expect(item('Control', '(with Guests vm (vm.Con|')).toMatchObject({
      text: 'Control "${1:NAME}" ${2:VALUE}',
      isSnippet: true,
      place: { start: 20, end: 23 },
    });
  });
});

describe('inside quotes', () => {
  it.each([
    ['(with Guests vm (vm.Control "|', ['balloon_target'], ['ksm_run']],
    ['(Host.Control "|', ['ksm_run'], ['balloon_target']],
    ['(Host.GetControl "ksm|")', ['ksm_run'], ['balloon_target']],
    ['(Host.StatAvg "mem_|', ['mem_free'], ['balloon_cur']],
    ["(with Guests vm (vm.StatMin '|' :last 3))", ['mem_unused'], ['mem_free']],
    ['(with Guests vm (vm.Prop "|', ['uuid', 'labels'], ['mem_unused']],
    ['(Host.SetVar "since" 1)\n(Host.GetVar "|', ['since'], ['mem_free']],
    ['(param step 5%)\n(defvar other 1)\n(with Guests vm (vm.Param "|', ['step'], ['other', 'mem_unused']],
  ])('%s', (text, has, hasNot) => {
    expect(labels(text)).toEqual(expect.arrayContaining(has));
    for (const other of hasNot) expect(labels(text)).not.toContain(other);
  });

  it('ignores quotes on later lines', () => {
    expect(labels('(with Guests vm (vm.Control "|\n(def later (x) (debug "a" x))')).toContain('balloon_target');
    expect(labels('(def later (x) (debug "a" x))\n(l|\n(debug "b")')).toContain('later');
  });

  it.each(['(debug "|', '(with Guests vm (tagged vm "|', '(Host.Control "ksm_run" "|', '# Host.|'])(
    'offers nothing in %s',
    (text) => {
      expect(labels(text)).toEqual([]);
    },
  );
});

describe('at the head of a list', () => {
  it('offers the language, with placeholders, and the functions of all files', () => {
    expect(item('let', '(l|')).toMatchObject({ text: 'let ((${1:NAME} ${2:VALUE})) ${3:BODY}', isSnippet: true });
    expect(item('param', '(pa|')).toMatchObject({ text: 'param ${1:NAME} ${2:DEFAULT} "${3:doc}"' });
    expect(item('sum', '(s|')).toMatchObject({ text: 'sum ${1:LIST} ${2:NAME} ${3:BODY}' });
    expect(item('clamp', '(cl|')).toMatchObject({ text: 'clamp', isSnippet: false, detail: '(clamp A LOW HIGH)' });
    expect(item('grow', '(gr|', '# Gives memory back.\n(def grow (vm) 1)')).toMatchObject({
      kind: 'function',
      detail: '(grow vm)',
      markdown: expect.stringContaining('Gives memory back.'),
    });
  });

  it('offers a function of the policy instead of the builtin that it hides', () => {
    expect(item('map', '(def map (x) x)\n(m|')).toMatchObject({ kind: 'function' });
  });
});

describe('elsewhere', () => {
  it('offers the visible names', () => {
    const found = labels(
      '(defvar above 1)\n(def f (a) (let ((b 1)) (+ |\n(def g (c) 1)\n(defvar below 1)',
      '(param limit 5GiB "doc")',
    );
    expect(found).toEqual(expect.arrayContaining(['a', 'b', 'above', 'below', 'limit', 'Host', 'Guests', 'nil']));
    expect(found).not.toContain('c');
    expect(found).not.toContain('f');
  });

  it.each([
    '(def |',
    '(def f (|',
    '(defvar |',
    '(with Guests |',
    '(let ((|',
    '(sum Guests |',
    '(fold Guests |',
    '(fold Guests vm |',
    '(hand-out 1GiB Guests |',
    '(hand-out 1GiB Guests vm |',
    '(param |',
  ])('has nothing where a new name is made: %s', (text) => {
    expect(labels(text)).toEqual([]);
  });

  it('offers units after digits, keywords where they fit, and else in cond', () => {
    expect(labels('(> Host.mem_free 512M|')).toEqual(expect.arrayContaining(['MiB', '%', 'min']));
    expect(item('MiB', '(> 1 512M|')).toMatchObject({ place: { start: 8, end: 9 } });
    expect(labels('(param a 1 "doc" :|')).toEqual(['min', 'max', 'one-of']);
    expect(labels('(Host.StatMin "mem_free" |')).toEqual(expect.arrayContaining([':last', ':over']));
    expect(labels('(Host.Stat "mem_free" :|')).toEqual([]);
    expect(labels('(cond ((< 1 2) 3) (|')).toContain('else');
    expect(labels('(cond ((|')).toContain('valid');
  });
});
