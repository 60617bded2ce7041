import { describe, expect, it } from 'vitest';
import { builtinPlugins } from '../../../../src/compose/plugins.ts';
import { Coverage, loadPolicy, ParamResolver } from '../../../../src/policy/index.ts';
import { readSuite } from '../../../../src/tooling/testing/read.ts';
import { runCase, type CaseResult } from '../../../../src/tooling/testing/run.ts';

const { vocabulary } = builtinPlugins();
const controls = new Map(vocabulary.controls.map((control) => [control.name, control]));

/** The result of the first case of a test. */
function result(policy: string, test: string, clock = () => 0): CaseResult {
  const { program, diagnostics } = loadPolicy([{ file: 'p', text: policy }], { vocabulary });
  const read = readSuite('t.yaml', `policy: p\ncases: [{name: a, ${test}}]`, vocabulary);
  if (program === null || 'problems' in read) throw new Error(JSON.stringify(program === null ? diagnostics : read));
  return runCase(read.suite.cases[0]!, {
    program,
    coverage: new Coverage(program),
    controls,
    vocabulary,
    params: new ParamResolver([]),
    moment: null,
    clock,
  });
}

/** The differences in each interval. */
function differencesOf(policy: string, test: string): readonly string[] {
  return result(policy, test).failures.flatMap(({ interval, differences, errors }) =>
    [...differences, ...errors.map(({ message }) => `error: ${message}`)].map((text) => `${interval ?? '-'} ${text}`),
  );
}

const BOTH = '(Host.Control "ksm_run" 1) (with Guests g (g.Control "balloon_target" 1024))';
const GUESTS = 'guests: {web: {}, db: {}}';

describe('the result of a case', () => {
  it.each([
    [
      'unexpected controls fail',
      BOTH,
      `${GUESTS}, expect: {host: {ksm_run: 1}, guests: {web: {balloon_target: 1MiB}}}`,
      ['- guest db: balloon_target was set to 1024 (1 MiB); nothing was expected (p:1:43)'],
    ],
    [
      'others: any allows other controls',
      BOTH,
      `${GUESTS}, expect: {others: any, guests: {web: {balloon_target: 1MiB}}}`,
      [],
    ],
    [
      'others: any does not apply to named entities',
      BOTH,
      `${GUESTS}, expect: {others: any, host: nothing, guests: {web: nothing}}`,
      [
        '- the host: ksm_run was set to 1; nothing was expected (p:1:1)',
        '- guest web: balloon_target was set to 1024 (1 MiB); nothing was expected (p:1:43)',
      ],
    ],
    [
      'null means not set',
      BOTH,
      'expect: {host: {ksm_run: null}}',
      ['- the host: ksm_run is 1; expected not set (p:1:1)'],
    ],
    [
      'a reason',
      '(Host.Control "ksm_run" 1 "short")',
      'expect: {host: {ksm_run: {because: long}}}',
      ['- the host: ksm_run has the reason "short"; expected long (p:1:1)'],
    ],
    [
      'no reason',
      '(Host.Control "ksm_run" 1)',
      'expect: {host: {ksm_run: {because: long}}}',
      ['- the host: ksm_run has no reason; expected long (p:1:1)'],
    ],
    [
      'variables of an unknown guest',
      '1',
      'vars: {guests: {wbe: {x: 1}}}, expect: nothing',
      ['- there is no guest wbe; there are none'],
    ],
    [
      'wrong variables',
      '(Host.SetVar "x" 1) (with Guests g (g.SetVar "y" "b"))',
      'guests: {constructor: {}}, expect: {vars: {host: {x: 2, z: null}, guests: {constructor: {y: c}}}}',
      ['- the host: the variable x is 1; expected 2', '- guest constructor: the variable y is "b"; expected "c"'],
    ],
    [
      'initial variables',
      '(Host.SetVar "x" (+ 1 (Host.GetVar "x"))) (with Guests g (g.SetVar "y" (+ 1 (g.GetVar "y"))))',
      'guests: {web: {}}, vars: {host: {x: 1}, guests: {web: {y: 5}}}, expect: {vars: {host: {x: 2}, guests: {web: {y: 6}}}}',
      [],
    ],
    [
      'lists in variables',
      '(Host.SetVar "x" (list 1 (list "a" nil)))',
      'expect: {vars: {host: {x: [1, [a, null]]}}}',
      [],
    ],
    [
      'an interval without an expectation runs without checks',
      '(Host.SetVar "n" (+ 1 (if (null (Host.GetVar "n")) 0 (Host.GetVar "n")))) (Host.Control "ksm_run" 1)',
      'intervals: [{}, {}, {expect: {others: any, vars: {host: {n: 3}}}}]',
      [],
    ],
    [
      'an error in an interval without an expectation fails',
      '(/ 1 Host.mem_free)',
      'intervals: [{host: {mem_free: 0}}, {host: {mem_free: 1}, expect: nothing}]',
      ['1 error: division by zero'],
    ],
    [
      'each expectation matches one error',
      '(with Guests g (/ 1 g.swap_in))',
      'guests: {web: {swap_in: 0}, db: {swap_in: 0}}, expect: {errors: [division]}',
      ['- error: division by zero'],
    ],
    [
      'the most specific expectation matches first',
      '(with Guests g (/ 1 g.swap_in))',
      'guests: {web: {swap_in: 0}, db: {swap_in: 0}}, expect: {errors: [division, {guest: db, message: division by zero}]}',
      [],
    ],
    ['an error that does not come', '1', 'expect: {errors: [division]}', ['- no error has "division" in it']],
    [
      'a missing error',
      '(with Guests g (/ 1 g.swap_in))',
      'guests: {web: {swap_in: 0}}, expect: {errors: [division, division]}',
      ['- no further error has "division" in it'],
    ],
    [
      'a name with control characters',
      '(with Guests g (g.Control "balloon_target" 1))',
      'guests: {"a\\u202eb c": {}}, expect: nothing',
      ['- guest a\\u202eb\\x20c: balloon_target was set to 1 (1 KiB); nothing was expected (p:1:16)'],
    ],
    [
      'the interval separates samples',
      '(Host.Control "ksm_sleep_millisecs" (Host.StatRate "swap_in"))',
      'interval: 5s, host: {swap_in: [0, 50, 100]}, expect: {host: {ksm_sleep_millisecs: 10}}',
      [],
    ],
    [
      'shorter lists are padded with their oldest value',
      '(Host.Control "ksm_sleep_millisecs" (Host.StatAvg "swap_in"))',
      'host: {mem_free: [1, 2, 3], swap_in: [3, 6]}, expect: {host: {ksm_sleep_millisecs: 4}}',
      [],
    ],
    [
      'history limits the number of samples',
      '(Host.Control "ksm_sleep_millisecs" (Host.StatAvg "swap_in"))',
      'history: 2, host: {swap_in: [90, 2, 4]}, expect: {host: {ksm_sleep_millisecs: 3}}',
      [],
    ],
    [
      'a re-added guest is new',
      '(with Guests g {(g.Control "balloon_target" (if (null (g.GetVar "x")) 1 2)) (g.SetVar "x" 1)})',
      'intervals: [{guests: {w: {}}}, {guests: {w: null}}, {guests: {w: {}}, expect: {guests: {w: {balloon_target: 1}}}}]',
      [],
    ],
    [
      'values that an interval omits stay',
      '(Host.Control "ksm_sleep_millisecs" Host.mem_free)',
      'host: {mem_free: 5, mem_unused: 1}, intervals: [{host: {mem_free: 7}}, {host: {mem_unused: 2}, expect: {host: {ksm_sleep_millisecs: 7}}}]',
      [],
    ],
  ])('%s', (_what, policy, test, want) => {
    expect(differencesOf(policy, test)).toEqual(want);
  });

  it('stops an endless policy by steps and by the clock', () => {
    const endless = '(defvar l (* (list 1) 1000)) (def f (a) (map l x (map a y (sum a)))) (f l)';
    expect(result(endless, 'expect: {errors: [steps]}').failures).toEqual([]);
    let now = 0;
    expect(result(endless, 'expect: {errors: [run for 2000 ms]}', () => (now += 1000)).failures).toEqual([]);
  });
});
