import type { ControlDecl } from '../../model/control.ts';
import { EMPTY_MEMORY, NO_WRITES, remember, type MemoryWrites, type PolicyMemory } from '../../model/memory.ts';
import type { PolicyInput } from '../../model/snapshot.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import {
  evaluate,
  Tracer,
  type Coverage,
  type Diagnostic,
  type ParamResolver,
  type Program,
} from '../../policy/index.ts';
import { differences, compareErrors, missingGuests } from './compare.ts';
import { notGiven } from './not-given.ts';
import type { TestCase, Vars } from './suite.ts';
import { World } from './world.ts';

/** The result of one case. It passed if there are no failures. */
export interface CaseResult {
  readonly name: string;
  /** Line in the test file. */
  readonly line: number;
  readonly failures: readonly Failure[];
}

export interface Failure {
  /** The interval, from 1; null if the case has only one. */
  readonly interval: number | null;
  /** Line in the test file. */
  readonly line: number;
  readonly differences: readonly string[];
  /** Unexpected errors of the policy. */
  readonly errors: readonly Diagnostic[];
}

export interface CaseParts {
  readonly program: Program;
  readonly coverage: Coverage;
  readonly controls: ReadonlyMap<string, ControlDecl>;
  readonly vocabulary: Vocabulary;
  /** The parameter values of the case. */
  readonly params: ParamResolver;
  /** The recorded moment that the case names. */
  readonly moment: Moment | null;
  /** Monotonic milliseconds: limits the time of a policy. */
  readonly clock: () => number;
}

/** A recorded moment as policy input. */
export interface Moment {
  readonly input: PolicyInput;
  readonly memory: PolicyMemory;
  /** Number of samples kept. */
  readonly history: number;
}

/** Runs a case. Apart from the clock, the result depends only on the case, the program and the moment. */
export function runCase(
  test: TestCase,
  { program, coverage, controls, vocabulary, params, moment, clock }: CaseParts,
): CaseResult {
  const { historyNeed } = program;
  const world =
    moment === null ? new World(test.history, historyNeed) : World.at(moment.input, moment.history, historyNeed);
  const tracer = new Tracer();
  let memory = moment?.memory ?? EMPTY_MEMORY;
  const failures: Failure[] = [];
  for (const [index, step] of test.steps.entries()) {
    const input = world.step(step);
    if (index === 0) memory = remember(memory, given(test.vars, input));
    const { decision, writes, diagnostics } = evaluate(program, input, memory, {
      tracer,
      clock,
      params: params.resolve(input.guests),
    });
    coverage.add(tracer);
    memory = remember(memory, writes);
    const missing =
      index > 0
        ? []
        : missingGuests(
            new Set([...test.vars.guests.keys(), ...(moment === null ? [] : step.guests.keys())]),
            moment?.input ?? input,
          );
    const errors = compareErrors(step.expect?.errors ?? [], diagnostics);
    const different =
      step.expect === null ? [] : differences(step.expect, { input, requests: decision.requests, memory }, controls);
    const unmet = [...missing, ...different, ...errors.missing];
    if (unmet.length === 0 && errors.unexpected.length === 0) continue;
    failures.push({
      interval: test.steps.length === 1 ? null : index + 1,
      line: step.expect?.line ?? test.line,
      differences: unmet,
      errors: errors.unexpected.map((error) => notGiven(error, program, vocabulary)),
    });
  }
  return { name: test.name, line: test.line, failures };
}

/** The variables of a case, as an evaluation would have stored them. */
function given({ host, guests }: Vars, { guests: views }: PolicyInput): MemoryWrites {
  return {
    ...NO_WRITES,
    host,
    guests: new Map(
      views.flatMap(({ name, uuid }) => {
        const own = guests.get(name);
        return own === undefined ? [] : [[uuid, own] as const];
      }),
    ),
  };
}
