import { describe, expect, it } from 'vitest';
import { inlayHints, PolicyProgram } from '../../../../src/tooling/language-service/index.ts';
import { knowledge } from './support.ts';

const programOf = (text: string): PolicyProgram => new PolicyProgram([{ file: 'a', text }], knowledge);

/** The text with its hints in place. */
function shown(text: string): string {
  return inlayHints(programOf(text), 'a', 0, text.length)
    .toReversed()
    .reduce((now, { offset, label }) => `${now.slice(0, offset)}«${label}»${now.slice(offset)}`, text);
}

describe('hints', () => {
  it.each([
    ['the size of a number beside a field', '(< Host.mem_free 16384«= 16 MiB»)'],
    ['on either side', '(< 2097152«= 2 GiB» (- Host.mem_free 512«KiB»))'],
    ['of a negative number, the unit', '(> (Host.StatDelta "mem_free") -4096«KiB»)'],
    ['of a number that calls pass on', '(clamp Host.mem_free 1024«= 1 MiB» 4096MiB)'],
    ['not of zero', '(> Host.mem_free 0)'],
    ['not of a number with a unit', '(> Host.mem_free 16MiB)'],
    ['not of a factor', '(* Host.mem_free 16384)'],
    ['not of a count', '(> Host.cpu_count 16384)'],
    ['not of a number beside what has no known unit', '(> (Host.GetVar "x") 16384)'],
    ['a share as a percentage', '(< (/ Host.mem_free Host.mem_available) 0.12«= 12%»)'],
    ['not of a whole', '(< (/ Host.mem_free Host.mem_available) 1)'],
    ['a duration', '(every 300«= 5 min» (debug (Host.StatAvg "mem_free" :over 30«s»)))'],
    ['the value of a control', '(with Guests vm (vm.Control "balloon_target" 1048576«= 1 GiB»))'],
    ['pages', '(Host.Control "ksm_pages_to_scan" 64«pages»)'],
    ['milliseconds', '(Host.Control "ksm_sleep_millisecs" 20«ms»)(Host.Control "ksm_sleep_millisecs" 1500«= 1.5 s»)'],
    ['the default of a parameter', '(param low 20%)\n(debug low«= 20%»)'],
    ['the value that the config gives', '(param limit 4GiB)\n(debug limit«= 6GiB»)'],
    ['once in each form', '(param low 20%)\n(debug low«= 20%» low)\n(debug low«= 20%»)'],
    ['not if the policy changes it', '(param low 20%)\n(debug low)\n(set low 30%)'],
    ['not of a parameter of a function', '(param low 20%)\n(def f (low) low)'],
    ['not of a value for each guest', '(param low 20%)\n(with Guests vm (debug (vm.Param "low")))'],
    ['not of a long text', '(param why "the host is short of memory")\n(debug why)'],
    ['not of a name that is declared twice', '(param low 20%)\n(defvar low 2)\n(debug low)'],
  ])('%s', (_, want) => {
    const text = want.replace(/«[^»]*»/g, '');
    expect(shown(text)).toBe(want);
  });

  it('say where a value comes from', () => {
    const [hint] = inlayHints(programOf('(param limit 4GiB)\n(debug limit)'), 'a', 0, 100);
    expect(hint?.tooltip).toBe(
      'parameters.yaml sets limit to 6GiB.\nballast.yaml sets limit for label db to 8GiB.\nThe default is 4GiB.',
    );
  });

  it('are those of a range', () => {
    const program = programOf('(> Host.mem_free 2048)\n(> Host.mem_free 4096)');
    expect(inlayHints(program, 'a', 23, 50).map(({ label }) => label)).toEqual(['= 4 MiB']);
  });
});
