import { describeOverride, mergeOverrides, overrideKey, type ParamOverride } from '../model/parameter.ts';
import { bindOverrides, givenText, ParamResolver, type BoundOverride } from '../policy/index.ts';
import type { Parameters } from './parameters.ts';

/**
 * The parameter values at a moment of a recording: command line and config first, then the recorded values. A recorded value that
 * does not fit the current policy, or that the config overrides, is reported once.
 */
export function replayedParameters(
  { context, chosen, config }: Parameters,
  warn: (message: string) => void,
): (recorded: readonly ParamOverride[]) => ParamResolver {
  const reported = new Set<string>();
  const warnOnce = (message: string): void => {
    if (!reported.has(message)) warn(message);
    reported.add(message);
  };
  const ofConfig = new Map(config.map((override) => [overrideKey(override), override]));
  const isChosen = new Set(chosen.map(overrideKey));
  return (recorded) => {
    const { bound, wrong } = bindOverrides(context.declared, recorded);
    for (const { override, fault } of wrong)
      warnOnce(
        `${describeOverride(override)}, recorded as ${JSON.stringify(override.given)}, is ignored: ${fault.message}`,
      );
    for (const override of bound) {
      const other = ofConfig.get(overrideKey(override));
      if (other === undefined || other.value === override.value || isChosen.has(overrideKey(override))) continue;
      warnOnce(
        `${describeOverride(override)} is ${givenText(other)}, as ${other.file}:${other.valuePlace.line} says; recorded was ${givenText(override)}`,
      );
    }
    return new ParamResolver(mergeOverrides<BoundOverride>(chosen, config, bound));
  };
}
