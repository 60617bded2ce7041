import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { apt, KERNEL_PACKAGES, UnsuitableMachine, withFreshLists } from './packages.ts';
import { command, CommandError } from './command.ts';

/** A guest kernel, unpacked. */
export interface GuestKernel {
  /** The file to boot. */
  readonly image: string;
  /** The directory of its modules. */
  readonly modules: string;
}

/** The directory for downloads and built images, kept between runs. */
export function cacheDirectory(): string {
  const configured = process.env['XDG_CACHE_HOME'];
  if (configured !== undefined && configured !== '') return join(configured, 'ballast-test');
  return process.getuid?.() === 0 ? '/var/cache/ballast-test' : join(homedir(), '.cache', 'ballast-test');
}

/** The newest kernel in the cache; if there is none, downloads and unpacks the distribution's current one, without installing it. */
export async function guestKernel(log: (line: string) => void, signal: AbortSignal): Promise<GuestKernel> {
  const kernels = join(cacheDirectory(), 'kernels');
  await mkdir(kernels, { recursive: true });
  const cached = (await readdir(kernels)).filter((name) => name.startsWith('linux-image-'));
  cached.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const newest = cached.at(-1);
  if (newest !== undefined) return locate(join(kernels, newest));

  const packages = await withFreshLists(signal, log, () => kernelPackages(signal));
  log(`downloading the guest kernel ${packages[0]}`);
  // Unpacked in the same directory and then renamed: a directory with the final name is always complete.
  const work = await mkdtemp(join(kernels, 'unpacking-'));
  try {
    await withFreshLists(signal, log, () => apt(['download', ...packages], signal, work));
    const root = join(work, 'root');
    for (const file of await readdir(work)) {
      if (file.endsWith('.deb')) await command('dpkg', ['-x', join(work, file), root], { signal });
    }
    await locate(root);
    await rename(root, join(kernels, packages[0]));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return locate(join(kernels, packages[0]));
}

/** The kernel package, and the package with its modules if it is separate (Ubuntu). */
async function kernelPackages(signal: AbortSignal): Promise<[string, ...string[]]> {
  for (const meta of KERNEL_PACKAGES) {
    const image = await dependency(meta, /^linux-image-\d/, signal);
    if (image === null) continue;
    const modules = await dependency(image, /^linux-modules-\d/, signal);
    return modules === null ? [image] : [image, modules];
  }
  throw new CommandError(`No guest kernel is available: apt has none of ${KERNEL_PACKAGES.join(', ')}.`, '');
}

async function dependency(of: string, pattern: RegExp, signal: AbortSignal): Promise<string | null> {
  const text = await command('apt-cache', ['depends', '--no-recommends', '--no-suggests', of], { signal }).catch(
    (error: unknown) => {
      if (error instanceof CommandError) return '';
      throw error;
    },
  );
  for (const match of text.matchAll(/^\s*\|?Depends: (\S+)$/gm))
    if (match[1] !== undefined && pattern.test(match[1])) return match[1];
  return null;
}

async function locate(root: string): Promise<GuestKernel> {
  const image = (await readdir(join(root, 'boot'))).find((name) => name.startsWith('vmlinuz-'));
  if (image === undefined)
    throw new UnsuitableMachine(`${root}/boot has no vmlinuz; remove ${root} to download the guest kernel again.`);
  for (const prefix of ['lib', 'usr/lib']) {
    const modules = join(root, prefix, 'modules', image.slice('vmlinuz-'.length));
    if (
      await stat(modules).then(
        (found) => found.isDirectory(),
        () => false,
      )
    )
      return { image: join(root, 'boot', image), modules };
  }
  throw new UnsuitableMachine(
    `${root} has no modules for ${image}; remove ${root} to download the guest kernel again.`,
  );
}

/** Whether the module is built into the kernel. */
export async function builtIn(kernel: GuestKernel, module: string): Promise<boolean> {
  const list = await readFile(join(kernel.modules, 'modules.builtin'), 'utf8').catch(() => '');
  return list.split('\n').some((line) => line.endsWith(`/${module}.ko`));
}
