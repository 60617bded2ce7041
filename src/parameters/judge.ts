import { describeOverride } from '../model/parameter.ts';
import { bindOverrides, faultText, type BoundOverride, type Judged, type Program } from '../policy/index.ts';
import { renderProblem } from '../yaml/problem.ts';
import type { PlacedOverride } from './group.ts';

/** How overrides are judged. */
export interface Judge {
  readonly declared: Pick<Program, 'params' | 'fixed'>;
  /**
   * Whether the config is for other policies than these (from the command line): then parameters that these do not declare
   * are left out, and said.
   */
  readonly otherPolicies: boolean;
}

/** What is wrong, a line for each. */
export interface Problems {
  readonly problems: readonly string[];
}

/** Overrides of a file, judged: problems and warnings have their places. */
export interface BoundPlaced extends Problems {
  /** Those that fit the policy. */
  readonly bound: readonly BoundOverride<PlacedOverride>[];
  /** What was left out, and why; and what may be meant otherwise. */
  readonly warnings: readonly string[];
}

/** Holds overrides of a file against what the policy declares. */
export function bindPlaced({ declared, otherPolicies }: Judge, overrides: readonly PlacedOverride[]): BoundPlaced {
  const { bound, wrong, doubtful } = bindOverrides(declared, overrides);
  const isForeign = ({ fault }: Judged) => otherPolicies && fault.code === 'unknown-param';
  const leftOut = linesOf(wrong.filter(isForeign)).map((line) => `${line} (left out)`);
  return {
    bound,
    problems: linesOf(wrong.filter((each) => !isForeign(each))),
    warnings: [...leftOut, ...linesOf(doubtful)],
  };
}

function linesOf(judged: readonly Judged<PlacedOverride>[]): readonly string[] {
  const lines = judged.map(({ override, fault }) => {
    const isValue = fault.code === 'param-value';
    const message = isValue ? `${describeOverride(override)}: ${faultText(fault)}` : faultText(fault);
    return renderProblem({ file: override.file, ...(isValue ? override.valuePlace : override.namePlace), message });
  });
  // A name that is wrong is wrong for all of its values.
  return [...new Set(lines)];
}
