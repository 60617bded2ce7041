import { describe, expect, it } from 'vitest';
import { codeActions, PolicyProgram } from '../../../../src/tooling/language-service/index.ts';
import { applied, knowledge, marked } from './support.ts';

describe('fixes', () => {
  it.each([
    ['Host.mem_fre|', 'Host.mem_free'],
    ['(with Guests vm vm.balloon_kur|)', '(with Guests vm vm.balloon_cur)'],
    ['(with Guests mem_unsed mem_unsed.mem_unsed|)', '(with Guests mem_unsed mem_unsed.mem_unused)'],
    ['(Host.StatAvg "mem_fre|")', '(Host.StatAvg "mem_free")'],
    ['(with Guests vm (vm.Control "ballon_target|" 1))', '(with Guests vm (vm.Control "balloon_target" 1))'],
    ['(Hots.Control| "ksm_run" 1)', '(Host.Control "ksm_run" 1)'],
    ['(Host.Contrl| "ksm_run" 1)', '(Host.Control "ksm_run" 1)'],
    ['(Host.Prop "nam|")', '(Host.Prop "name")'],
    ['(def grow (x) x)\n(grwo| 1)', '(def grow (x) x)\n(grow 1)'],
    ['(defvar limit 1)\n(set lmit| 2)', '(defvar limit 1)\n(set limit 2)'],
    ['(debug mem_available_estimate|)', '(debug Host.mem_available_estimate)'],
    [';| a comment', '# a comment'],
  ])('%s', (text, want) => {
    const { program, offset } = marked(text);
    const actions = codeActions(program, 'a', offset, offset);
    expect(
      applied(
        program,
        actions.slice(0, 1).flatMap(({ edits }) => edits),
      ),
    ).toEqual([want]);
  });

  it.each([
    ['(defvar u|nread 1)', '# ballast: allow unused-name\n(defvar unread 1)'],
    ['{\n  (defvar u|nread 1) }', '{\n  # ballast: allow unused-name\n  (defvar unread 1) }'],
    ['# ballast: allow maybe-nil\n(defvar u|nread 1)', '# ballast: allow maybe-nil, unused-name\n(defvar unread 1)'],
    ['(defvar u|nread 1) # ballast: allow maybe-nil', '(defvar unread 1) # ballast: allow maybe-nil, unused-name'],
  ])('include allowing a warning: %j', (text, want) => {
    const { program, offset } = marked(text, '(debug 1)');
    const allow = codeActions(program, 'a', offset, offset).filter(({ title }) => title === 'Allow unused-name here');
    const [changed = ''] = applied(
      program,
      allow.flatMap(({ edits }) => edits),
    );
    expect(changed).toBe(want);
    expect(
      new PolicyProgram(
        [
          { file: 'a', text: changed },
          { file: 'b', text: '(debug 1)' },
        ],
        knowledge,
      ).diagnostics.map(({ code }) => code),
    ).not.toContain('unused-name');
  });

  it('are offered only at the diagnostic', () => {
    const { program } = marked('(debug Host.mem_fre)\n(debug 1)|');
    expect(codeActions(program, 'a', 0, 30).map(({ title }) => title)).toEqual(['Change mem_fre to mem_free']);
    expect(codeActions(program, 'a', 22, 30)).toEqual([]);
  });
});
