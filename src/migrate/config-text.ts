import type { Migration } from './migration.ts';

/**
 * The text of ballast.yaml.
 * @param from what it was made from
 * @param policies paths of the policies, relative to it
 */
export function configText(from: string, { config, parameters }: Migration, policies: readonly string[]): string {
  return [
    `# Made by ballast migrate from ${from.replace(/[\u0000-\u001f\u007f]/g, '?')}.`,
    ...config,
    'policy:',
    '  files:',
    ...policies.map((path) => `    - ${path}`),
    ...(parameters.size === 0 ? [] : ['  parameters:']),
    ...[...parameters].map(([name, value]) => `    ${name}: ${value}`),
    '',
  ].join('\n');
}
