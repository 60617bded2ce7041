import { readFileSync } from 'node:fs';

/** The version in package.json, defined by the build; a checkout reads the file. */
declare const BALLAST_VERSION: string | undefined;

export const VERSION = typeof BALLAST_VERSION === 'string' ? BALLAST_VERSION : `${checkoutVersion()} (checkout)`;

function checkoutVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
