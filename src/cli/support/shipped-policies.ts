import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError } from '../../support/operator-error.ts';

/** The folder of the shipped policies: beside `dist` in the package, in a checkout beside `src`. @throws OperatorError */
export async function shippedPolicies(): Promise<string> {
  const above = [1, 2, 3].map((levels) => join(import.meta.dirname, ...Array<string>(levels).fill('..'), 'policies'));
  for (const folder of above) if (await exists(join(folder, 'ksmtuned.policy'))) return folder;
  throw new OperatorError(`the policies that come with Ballast are missing: expected them in ${above[0]}`);
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
