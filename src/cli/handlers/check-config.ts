import { inspectSetup } from '../../compose/setup.ts';
import type { Io } from '../support/io.ts';
import { count, report } from './check.ts';

/**
 * `ballast check --config FILE`: everything that a start with this config reads. Exit code 1 if policies or parameters
 * have errors.
 * @throws SetupError for the config, its plugins and files that cannot be read
 */
export async function checkConfig(
  options: { readonly config: string; readonly json: boolean },
  io: Io,
): Promise<number> {
  const { policies, shadow, problems, warnings } = await inspectSetup(options.config);
  if (policies.sources.length === 0) {
    const message = `${options.config} names no policy: "ballast run" would need --policy FILE`;
    return report({ diagnostics: [], sources: [] }, options.config, options.json, io, [], [message]);
  }
  const all = {
    diagnostics: [...policies.diagnostics, ...(shadow?.diagnostics ?? [])],
    sources: [...policies.sources, ...(shadow?.sources ?? [])],
  };
  const beside = shadow === null ? '' : `, and a shadow of ${count(shadow.sources.length, 'policy', 'policies')}`;
  const what = `${options.config} and ${count(policies.sources.length, 'policy', 'policies')}${beside}`;
  return report(all, what, options.json, io, problems, warnings);
}
