import { expect, test } from 'vitest';
import { describeOverride, type ParamTarget } from '../../../src/model/parameter.ts';
import { parameterChanges, transition } from '../../../src/parameters/changes.ts';
import { bindOverrides, loadPolicy } from '../../../src/policy/index.ts';

const { program } = loadPolicy([{ file: 'p', text: '(param share 20%) (param mode "gentle")' }]);
const context = { declared: program!, otherPolicies: false };

const all: ParamTarget = { kind: 'all' };
const db: ParamTarget = { kind: 'label', label: 'db' };

type Set = readonly (readonly [name: string, target: ParamTarget, given: string])[];

test.each<[Set, Set, string[]]>([
  [[], [['share', all, '25%']], ['share from 20% to 25%']],
  [[['share', all, '25%']], [], ['share from 25% to 20%']],
  [[['share', all, '25%']], [['share', all, '30%']], ['share from 25% to 30%']],
  [[['share', all, '25%']], [['share', all, '0.25']], []],
  [[], [['mode', all, 'hard']], ['mode from "gentle" to "hard"']],
  [[], [['share', db, '40%']], ['share for label db set to 40%']],
  [[['share', db, '40%']], [], ['share for label db no longer set, was 40%']],
])('from %j to %j', (before, after, want) => {
  const bound = (set: Set) =>
    bindOverrides(
      program!,
      set.map(([name, target, given]) => ({ name, target, given })),
    ).bound;
  const changes = parameterChanges(bound(before), bound(after), context);
  expect(changes.map((change) => `${describeOverride(change.override)} ${transition(change)}`)).toEqual(want);
});
