import { describe, expect, it } from 'vitest';
import { renderProblem } from '../../../../src/yaml/problem.ts';
import { builtinPlugins } from '../../../../src/compose/plugins.ts';
import { readSuite } from '../../../../src/tooling/testing/read.ts';

const { vocabulary } = builtinPlugins();

function problemsIn(text: string): readonly string[] {
  const read = readSuite('t.yaml', text, vocabulary);
  return 'problems' in read ? read.problems.map(renderProblem) : [];
}

function casesIn(text: string) {
  const read = readSuite('t.yaml', text, vocabulary);
  if ('problems' in read) throw new Error(read.problems.map(renderProblem).join('\n'));
  return read.suite.cases;
}

/** The text after `- name: a`, with the message. */
const WRONG: readonly (readonly [test: string, message: string])[] = [
  ['host: 5', '4:11: cases[0].host: 5 is not a group of keys: fields and their values'],
  ['host: null', '4:11: cases[0].host: null is not a group of keys: fields and their values'],
  [
    'host: {mem_free: .nan}',
    '4:22: cases[0].host.mem_free: NaN is not a value, or a list of the values of the samples, oldest first',
  ],
  [
    'host: {mem_free: -.inf}',
    '4:22: cases[0].host.mem_free: -Infinity is not a value, or a list of the values of the samples, oldest first',
  ],
  [
    'host: {mem_free: 1e999GiB}',
    '4:22: cases[0].host.mem_free: "1e999GiB" is not a number of KiB, such as 524288 or 512MiB',
  ],
  ['host: {mem_free: true}', '4:22: cases[0].host.mem_free is a number, not true'],
  ['host: {mem_free: []}', '4:22: cases[0].host.mem_free has no value'],
  [
    'host: {mem_free: [1, {}]}',
    '4:26: cases[0].host.mem_free[1]: a group of keys is not a value: a number, a quantity such as 512MiB, a text, true, false, or null for nil',
  ],
  [
    'host: {numa_nodes: 3}',
    '4:24: cases[0].host.numa_nodes: 3 is not a list of nodes, such as [{mem_total: 32GiB, mem_unused: 4GiB}]',
  ],
  [
    'host: {numa_nodes: [{mem_total: 32GiB, mem_unused: lots}]}',
    '4:56: cases[0].host.numa_nodes[0].mem_unused: "lots" is not a number of KiB',
  ],
  [
    'host: {numa_nodes: [{id: 0.5, mem_total: 4GiB, mem_unused: 1GiB}]}',
    '4:30: cases[0].host.numa_nodes[0].id is a whole number from 0, not 0.5',
  ],
  [
    'host: {numa_nodes: [{id: 1, mem_total: 4GiB, mem_unused: 1GiB}, {mem_total: 4GiB, mem_unused: 1GiB}]}',
    '4:69: cases[0].host.numa_nodes[1].id is 1, as of a node before it; without an id, a node has its place in the list, from 0',
  ],
  ['guests: [web]', '4:13: cases[0].guests: a list is not a group with the name of a guest before each'],
  ['guests: {__proto__: {mem_unused: 1}}', '4:14: "__proto__" is a reserved key'],
  [
    'guests: {web: {labels: 5}}',
    '4:28: cases[0].guests.web.labels: 5 is not a label or a list of labels, such as [db, tier-1]',
  ],
  [
    'guests: {web: {labels: a b}}',
    '4:28: cases[0].guests.web.labels is not a label: a letter or digit, then up to 63 letters, digits, _ . : or -',
  ],
  [
    'guests: {web: {labels: [a b]}}',
    '4:29: cases[0].guests.web.labels[0] is not a label: a letter or digit, then up to 63 letters, digits, _ . : or -',
  ],
  ['guests: {web: {props: {nme: x}}}', '4:28: unknown key "nme" in cases[0].guests.web.props; did you mean "name"?'],
  ['guests: {web: {paused: maybe}}', '4:28: cases[0].guests.web.paused is true or false, not "maybe"'],
  ['vars: {hst: {x: 1}}', '4:12: unknown key "hst" in cases[0].vars; did you mean "host"?'],
  [
    'vars: {host: {held-for low: [0, 20000]}}',
    '4:33: cases[0].vars.host.held-for low: what held-for, every and cooldown remember is no variable; give the case intervals, so that the time passes',
  ],
  ['vars: {host: {x: {y: 1}}}', '4:22: cases[0].vars.host.x: a group of keys is not a plain value or a list of them'],
  ['interval: 0s', '4:15: cases[0].interval: the time between two intervals must be greater than zero'],
  ['history: 0', '4:14: cases[0].history: 0 is not a whole number from 1 to 1000'],
  ['history: 1.5', '4:14: cases[0].history: 1.5 is not a whole number from 1 to 1000'],
  ['intervals: []', '4:16: cases[0].intervals has no interval'],
  [
    'intervals: [{after: -5s, expect: nothing}]',
    '4:25: cases[0].intervals[0].after: "-5s" is not a duration; write a number with ms, s, min or h, such as 5s',
  ],
  ['intervals: [{after: 5, expect: nothing}]', '4:25: cases[0].intervals[0].after: 5 is not a duration, such as 30s'],
  [
    'intervals: [{expect: nothing}]\n    expect: nothing',
    '5:13: cases[0].expect: with intervals, put expect inside each interval',
  ],
  ['intervals: [{}, {after: 5s}]', '3:5: cases[0]: has no expectations: add expect, which can be "nothing"'],
  [
    'intervals: [{}, {host: {mem_free: [1, 2]}, expect: nothing}]',
    '4:39: cases[0].intervals[1].host.mem_free: a list stands for the samples before the first interval; give one value here',
  ],
  ['for: []', '4:10: cases[0].for has no row'],
  ['for: {x: 1}', '4:10: cases[0].for: a group of keys is not a list of rows, such as [{free: 1GiB, target: 2GiB}]'],
  ['for: [[1]]', '4:11: cases[0].for[0]: a list is not a row of names and values, such as {free: 1GiB, target: 2GiB}'],
  ['for: [{x: [1]}]', '4:15: cases[0].for[0].x: a list is not a number, a text, true, false, or null'],
  [
    'for: [{x: 1}, {y: 1}]\n    host: {mem_free: "${x}"}',
    '5:22: cases[0].host.mem_free: ${x} is undefined: the row has no x; it has y (row 2 of "for")',
  ],
  [
    'for: [{x: 1}, {x: 1s}]\n    host: {mem_free: "${x}"}',
    '5:22: cases[0].host.mem_free: "1s" is not a number of KiB, such as 524288 or 512MiB (row 2 of "for")',
  ],
  ['for: [{x: 1}, {x: [}]', '4:24: not valid YAML:'],
  ['recording: {file: r}', '4:16: the key "at" is missing in cases[0].recording'],
  [
    'recording: {file: r, at: 5}',
    '4:30: cases[0].recording.at: 5 is not a time, such as +5min, 03:04:05Z or 2026-01-02T03:04:05Z',
  ],
  [
    'recording: {file: r, at: "03:00:00"}',
    '4:30: cases[0].recording.at: "03:00:00" means another moment in another time zone',
  ],
  ['recording: {file: r, at: +1s}\n    history: 5', '5:14: cases[0].history: history cannot be set for a recording'],
  [
    'recording: {file: r, at: +1s}\n    host: {mem_free: [1, 2]}',
    '5:22: cases[0].host.mem_free: a list stands for the samples before the first interval; the recording has them',
  ],
  ['params: [1]', '4:13: cases[0].params: a list is not a group such as {pressure_threshold: 25%}'],
  [
    'params: {step: {gests: {web: 1}}}',
    '4:28: cases[0].params.step.gests: unknown key "gests"; did you mean "guests"?',
  ],
  [
    'params: {step: [1]}',
    '4:20: cases[0].params.step: a list is not a number with or without a unit, a text, or a group such as',
  ],
  [
    'expect: nothin',
    '4:13: cases[0].expect: "nothin" is not "nothing" or a group of host, guests, others, errors and vars',
  ],
  [
    'expect: null',
    '4:13: cases[0].expect has no value; write nothing, or a group of host, guests, others, errors and vars',
  ],
  [
    'expect: none',
    '4:13: cases[0].expect: "none" is not "nothing" or a group of host, guests, others, errors and vars; for no control write nothing',
  ],
  [
    'expect: {balloon_target: 1.9GiB}',
    '4:14: unknown key "balloon_target" in cases[0].expect; a control of a guest belongs under the guest\'s name: {guests: {NAME: {balloon_target: …}}}',
  ],
  [
    'expect: {ksm_run: 1}',
    '4:14: unknown key "ksm_run" in cases[0].expect; a control of the host belongs under host: {host: {ksm_run: …}}',
  ],
  [
    'expect: {web: {balloon_target: 1.9GiB}}',
    '4:14: unknown key "web" in cases[0].expect; a guest belongs under guests: {guests: {web: …}}',
  ],
  [
    'expect: {web: nothing}',
    '4:14: unknown key "web" in cases[0].expect; a guest belongs under guests: {guests: {web: …}}',
  ],
  [
    'guests: {web: {}}\n    expect: {guests: {wbe: nothing}}',
    '5:23: cases[0].expect.guests.wbe: there is no guest "wbe"; did you mean "web"?',
  ],
  [
    'guests: {web: {}}\n    intervals: [{guests: {web: null}, expect: {guests: {web: nothing}}}]',
    '5:57: cases[0].intervals[0].expect.guests.web: there is no guest "web"; there are none',
  ],
  [
    'vars: {host: {last: 2GiB}}',
    '4:25: cases[0].vars.host.last: "2GiB" is a text here, because a variable has no unit; write 2097152',
  ],
  ['host: {mem_free: 1.9 GiB}', '4:22: cases[0].host.mem_free: "1.9 GiB" is not a number of KiB; write 1.9GiB'],
  ['host: {mem_free: 1.9gb}', '4:22: cases[0].host.mem_free: "1.9gb" is not a number of KiB; write 1.9GiB'],
  [
    'host: {mem_free: 95%}',
    '4:22: cases[0].host.mem_free: "95%" is not a number of KiB; a percentage has no meaning here: write the amount, such as 524288 or 512MiB',
  ],
  [
    'guests: {web: {}}\n    expect: {guests: {web: {balloon_target: ">= 1.8GiB"}}}',
    '5:45: cases[0].expect.guests.web.balloon_target: ">= 1.8GiB" is not a number of KiB; write {min: 1.8GiB}',
  ],
  [
    'guests: {web: {}}\n    expect: {guests: {web: {balloon_target: nothing}}}',
    '5:45: cases[0].expect.guests.web.balloon_target: "nothing" is not a number of KiB; for no value write null',
  ],
  [
    'guests: {web: {}}\n    expect: {guests: {web: {balloon_target: 1, because: x}}}',
    '5:48: unknown key "because" in cases[0].expect.guests.web; the valid keys are balloon_target',
  ],
  [
    'expect: {guests: {web: {ksm_run: 1}}}',
    '4:29: unknown key "ksm_run" in cases[0].expect.guests.web; did you mean "cases[0].expect.host.ksm_run"?',
  ],
  ['host: {time_hour: ${h}}', '4:23: ${h} needs quotes here, because { begins a group: write "${h}"'],
  ['host: {time_hour: a: b}', '4:23: a text that contains a colon and a space needs quotes here'],
  ['expect: {gests: {}}', '4:14: unknown key "gests" in cases[0].expect; did you mean "guests"?'],
  [
    'expect: {host: {balloon_target: 1}}',
    '4:21: unknown key "balloon_target" in cases[0].expect.host; the valid keys are ksm_',
  ],
  ['expect: {guests: {web: [1]}}', '4:28: cases[0].expect.guests.web: a list is not "nothing" or a group of controls'],
  ['expect: {others: some}', '4:22: cases[0].expect.others: "some" is not "nothing" or "any"'],
  ['expect: {errors: x}', '4:22: cases[0].expect.errors: "x" is not a list of parts of messages'],
  ['expect: {errors: [5]}', '4:23: cases[0].expect.errors[0]: 5 is not a part of the message, or {guest, message}'],
  ['expect: {errors: [""]}', '4:23: cases[0].expect.errors[0] is empty: every error has that in it'],
  [
    'expect: {errors: [{gest: web, message: x}]}',
    '4:24: unknown key "gest" in cases[0].expect.errors[0]; did you mean "guest"?',
  ],
  ['mem_free: 1GiB', '4:5: unknown key "mem_free" in cases[0]; did you mean "cases[0].host.mem_free"?'],
  ['expect: {errors: [{guest: web}]}', '4:23: the key "message" is missing in cases[0].expect.errors[0]'],
];

describe('problems in a policy test', () => {
  it.each(WRONG)('%s', (test, message) => {
    const expected = /\bexpect:/.test(test) ? '' : '\n    expect: nothing';
    expect(problemsIn(`policy: p\ncases:\n  - name: a\n    ${test}${expected}\n`).join('\n')).toContain(
      `t.yaml:${message}`,
    );
  });

  it.each([
    ['', 't.yaml:1:1: the key "policy" is missing\nt.yaml:1:1: the key "cases" is missing'],
    ['[]', 't.yaml:1:1: a list is not a group of keys: policy and cases'],
    ['policy: []\ncases: [{name: a, expect: nothing}]', 't.yaml:1:9: policy names no policy'],
    [
      'policy: {}\ncases: [{name: a, expect: nothing}]',
      't.yaml:1:9: policy: a group of keys is not a policy file or a list of them',
    ],
    ['policy: ""\ncases: [{name: a, expect: nothing}]', 't.yaml:1:9: policy is empty: it is the path of a policy'],
    [
      'policy: p\ncases: [{name: a, recording: {file: "", at: +1s}, expect: nothing}]',
      't.yaml:2:37: cases[0].recording.file is empty: it is the path of a recording',
    ],
    ['policy: p\ncases: 5', 't.yaml:2:8: cases: 5 is not a list of cases'],
    ['policy: p\ncases: []', 't.yaml:2:8: cases has no cases'],
    [
      'policy: p\ncases: [5, null]',
      't.yaml:2:9: cases[0]: 5 is not a group of keys: name, host, guests, expect and so on\nt.yaml:2:12: cases[1]: null is not a group',
    ],
    ['policy: p\ncases: [{expect: nothing}]', 't.yaml:2:9: the key "name" is missing in cases[0]'],
    ['policy: p\ncases: [{name: "", expect: nothing}]', 't.yaml:2:16: cases[0].name is empty: describe the case'],
    [
      'policy: p\ncases: [{name: 5, expect: nothing}]',
      't.yaml:2:16: cases[0].name: 5 is not a description of the case',
    ],
    ['policy: p\ncases: &a [*a]', 't.yaml:2:12: aliases such as *a are not supported; write the value out'],
    [
      'policy: p\ndefaults: {guest: &g {}, guests: {web: *g}}\ncases: []',
      't.yaml:2:40: aliases such as *g are not supported; write the value out',
    ],
    [`policy: p\ncases: ${'['.repeat(5000)}`, 't.yaml:2:71: is nested too deeply for a policy test'],
    ['policy: p\ncases: [{name: a\0b, expect: nothing}]', 't.yaml:2: is not valid UTF-8'],
    ['policy: p\ncases: [{name: a\ufffdb, expect: nothing}]', 't.yaml:2: is not valid UTF-8'],
  ])('%j', (text, message) => {
    expect(problemsIn(text).join('\n')).toContain(message);
  });

  it.each([
    [
      'an invalid history',
      'policy: p\nhistory: 0\ncases:\n  - {name: a, history: -1, host: {mem_free: 5s}, expect: nothing}',
      ['2:10', '4:24', '4:45'],
    ],
    [
      'an invalid policy, a missing name',
      'policy: 5\ndefaults: {gest: {}, guest: {mem_unused: 3s}}\ncases:\n  - {host: {mem_free: 5s}, expect: nothing}',
      ['1:9', '2:12', '2:42', '4:5', '4:23'],
    ],
    [
      'a misspelt field, an invalid expectation',
      'policy: p\ncases:\n  - {name: a, host: {mem_fre: 1, mem_free: 5s}, expect: nothin}',
      ['3:22', '3:44', '3:57'],
    ],
    [
      'an invalid value in a list',
      'policy: p\ncases:\n  - {name: a, host: {mem_free: [1, {}]}, guests: {web: {mem_unused: 5s}}, expect: nothing}',
      ['3:36', '3:69'],
    ],
    [
      'a misspelt expect, which is not also missing',
      'policy: p\ncases:\n  - {name: a, expct: nothing, host: {mem_free: 5s}}',
      ['3:15', '3:48'],
    ],
    [
      'an invalid table with unknown values',
      'policy: p\ncases:\n  - {name: a, for: {x: 1}, host: {mem_free: "${x}"}, expect: nothing}',
      ['3:20'],
    ],
    ['intervals that are none', 'policy: p\ncases:\n  - {name: a, intervals: 5, host: {mem_free: 5s}}', ['3:26']],
  ])('reports further problems after %s', (_, text, places) => {
    expect(problemsIn(text).map((line) => line.split(':').slice(1, 3).join(':'))).toEqual(places);
  });

  it('reports a reserved key once', () => {
    const why = '"__proto__" is a reserved key; choose another name';
    expect(problemsIn('policy: p\n__proto__: 1\ncases:\n  - {name: a, host: {__proto__: 5}, expect: nothing}')).toEqual(
      [`t.yaml:2:1: ${why}`, `t.yaml:4:22: ${why}`],
    );
  });

  it('shows an empty key', () => {
    expect(
      problemsIn('policy: p\ncases:\n  - {name: a, guests: {"": {mem_unused: 5s}}, expect: nothing}')[0],
    ).toContain('cases[0].guests[""].mem_unused: "5s"');
  });

  it('reports a problem once for all rows of a table', () => {
    const reported = (rows: string, rest: string) =>
      problemsIn(`policy: p\ncases:\n  - {name: a, for: [${rows}], ${rest}, expect: nothing}`).map((line) =>
        line.replace(/^.*?: /, '').replace(/, such as .*MiB/, ''),
      );
    const rows = '{x: 1}, {x: 2}, {x: 3}, {x: 4}, {x: 5}';
    expect(reported(rows, 'host: {mem_fre: 1, mem_free: 5s}, params: {y: [1]}')).toEqual([
      'unknown key "mem_fre" in cases[0].host; did you mean "mem_free"?',
      'cases[0].host.mem_free: "5s" is not a number of KiB',
      expect.stringMatching(/^cases\[0\]\.params\.y: a list is not a number.*\}$/),
    ]);
    expect(reported('{x: 1s}, {x: 2}, {x: 1s}', 'host: {mem_free: "${x}"}')).toEqual([
      'cases[0].host.mem_free: "1s" is not a number of KiB (rows 1 and 3 of "for")',
    ]);
    expect(reported(`${rows.replaceAll(/x: \d/g, 'x: 1s')}, {x: 5}`, 'host: {mem_free: "${x}"}')).toEqual([
      'cases[0].host.mem_free: "1s" is not a number of KiB (rows 1, 2, 3 and 2 more of "for")',
    ]);
  });

  it('reports at most fifty problems', () => {
    const rows = Array.from({ length: 2_000 }, (_, at) => `{cur: ${at}s}`).join(', ');
    const reported = problemsIn(
      `policy: p\ncases: [{name: a, for: [${rows}], guests: {web: {balloon_cur: "\${cur}"}}, expect: nothing}]`,
    );
    expect(reported).toHaveLength(51);
    expect(reported.at(-1)).toContain('1950 more problems from here on');
  });
});

describe('labels of a guest', () => {
  it('accepts a label and a list of labels, as the config does', () => {
    const labels = (given: string) =>
      casesIn(
        `policy: p\ncases: [{name: n, guests: {w: {labels: ${given}}}, expect: nothing}]`,
      )[0]?.steps[0]?.guests.get('w')?.props;
    expect(labels('gold')).toEqual({ labels: 'gold' });
    expect(labels('[gold, db]')).toEqual({ labels: 'db gold' });
  });
});

describe('a table', () => {
  it('creates a named case for each row', () => {
    const cases = casesIn(
      'policy: p\ncases: [{name: a, for: [{x: 1}, {x: null}], guests: {w: {swap_in: "${x}"}}, expect: nothing}, {name: "at ${x}", for: [{x: 1}], expect: nothing}]',
    );
    expect(cases.map(({ name }) => name)).toEqual(['a (x: 1)', 'a (x: null)', 'at 1']);
    expect(cases.map(({ steps }) => steps[0]?.guests.get('w')?.fields.get('swap_in'))).toEqual([
      [1],
      [null],
      undefined,
    ]);
  });

  it('can replace whole values: the expectation, labels, a bound', () => {
    const [nothing, any] = casesIn(`policy: p
cases: [{name: a, for: [{who: nothing, others: nothing, label: db}, {who: nothing, others: any, label: web}],
  guests: {w: {labels: ["\${label}"]}}, expect: {host: "\${who}", others: "\${others}"}}]`);
    expect([nothing, any].map((each) => each?.steps[0]?.expect?.othersAny)).toEqual([false, true]);
    expect([nothing, any].map((each) => each?.steps[0]?.guests.get('w')?.props)).toEqual([
      { labels: 'db' },
      { labels: 'web' },
    ]);
  });
});

describe('guests', () => {
  const DEFAULTS = 'policy: p\ndefaults: {guest: {balloon_cur: 7}, guests: {web: {balloon_max: 8}}}\n';

  it('start with the defaults, also when added or re-added later', () => {
    const [test] = casesIn(
      `${DEFAULTS}cases: [{name: a, intervals: [{}, {guests: {web: null, db: {}}}, {guests: {web: {}}, expect: nothing}]}]`,
    );
    const values = test!.steps.map(({ guests }) =>
      [...guests].map(([name, given]) => [name, given && Object.fromEntries(given.fields)]),
    );
    expect(values).toEqual([
      [['web', { balloon_cur: [7], balloon_max: [8] }]],
      [
        ['web', null],
        ['db', { balloon_cur: [7] }],
      ],
      [['web', { balloon_cur: [7] }]],
    ]);
  });

  it('can be omitted from a case', () => {
    const [test] = casesIn(`${DEFAULTS}cases: [{name: a, guests: {web: null}, expect: nothing}]`);
    expect(test!.steps[0]!.guests.get('web')).toBeNull();
  });

  it("can have names of JavaScript's built-in properties", () => {
    const names = ['constructor', 'toString', 'a b', '\u202e', 'ü', '1'];
    const [test] = casesIn(
      `${DEFAULTS}cases: [{name: a, guests: {${names.map((name) => `${JSON.stringify(name)}: {}`).join(', ')}}, expect: nothing}]`,
    );
    expect([...test!.steps[0]!.guests.keys()].sort()).toEqual(['web', ...names].sort());
  });
});
