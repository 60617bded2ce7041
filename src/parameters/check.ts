import { describeOverride } from '../model/parameter.ts';
import { bindOverrides, faultText, type BoundOverride, type OverrideFault, type Program } from '../policy/index.ts';
import { renderProblem } from '../yaml/problem.ts';
import type { PlacedOverride } from './group.ts';

/** How overrides are checked. */
export interface CheckContext {
  readonly declared: Pick<Program, 'params' | 'fixed' | 'reads'>;
  /**
   * Whether policies from the command line replace those of the config: then parameters that they do not declare
   * are ignored with a warning.
   */
  readonly otherPolicies: boolean;
}

/** One line per problem. */
export interface Problems {
  readonly problems: readonly string[];
}

/** The overrides of a file after the check. Problems and warnings have positions. */
export interface BoundPlaced extends Problems {
  /** Overrides that fit the policy. */
  readonly bound: readonly BoundOverride<PlacedOverride>[];
  /** Overrides that were ignored, with the reason, and ambiguous ones. */
  readonly warnings: readonly string[];
}

/** Checks the overrides of a file against the declarations of the policy. */
export function bindPlaced(
  { declared, otherPolicies }: CheckContext,
  overrides: readonly PlacedOverride[],
): BoundPlaced {
  const { bound, wrong, suspicious } = bindOverrides(declared, overrides);
  const isForeign = ({ fault }: OverrideFault) => otherPolicies && fault.code === 'unknown-param';
  const ignored = linesOf(wrong.filter(isForeign)).map((line) => `${line} (left out)`);
  return {
    bound,
    problems: linesOf(wrong.filter((each) => !isForeign(each))),
    warnings: [...ignored, ...linesOf(suspicious)],
  };
}

function linesOf(faults: readonly OverrideFault<PlacedOverride>[]): readonly string[] {
  const lines = faults.map(({ override, fault }) => {
    const isValue = fault.code === 'param-value' || fault.code === 'param-outside';
    const message = isValue ? `${describeOverride(override)}: ${faultText(fault)}` : faultText(fault);
    return renderProblem({ file: override.file, ...(isValue ? override.valuePlace : override.namePlace), message });
  });
  // A wrong name gives the same message for each of its values.
  return [...new Set(lines)];
}
