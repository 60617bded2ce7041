import { OperatorError } from '../../support/operator-error.ts';
import { shippedFolder, shippedFolders } from './shipped-folder.ts';

/** The folder of the shipped policies. @throws OperatorError */
export async function shippedPolicies(): Promise<string> {
  const folder = await shippedFolder('policies', 'ksmtuned.policy');
  if (folder !== null) return folder;
  throw new OperatorError(
    `the policies that come with Ballast are missing: expected them in ${shippedFolders('policies')[0]}`,
  );
}
