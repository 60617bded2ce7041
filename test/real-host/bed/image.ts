import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { command } from './command.ts';
import { builtIn, cacheDirectory, type GuestKernel } from './kernel.ts';
import { UnsuitableMachine } from './packages.ts';

/** In dependency order. */
const MODULES = [
  'virtio_ring',
  'virtio',
  'virtio_pci_legacy_dev',
  'virtio_pci_modern_dev',
  'virtio_pci',
  'virtio_balloon',
  'virtio_console',
  'virtio_blk',
] as const;

/** Paths of the files that a guest boots. */
export interface GuestImage {
  readonly kernel: string;
  readonly initramfs: string;
}

/** The guest's initramfs: static busybox, the virtio modules, the init script and the pattern for `fill … same`. Cached by content. */
export async function guestImage(kernel: GuestKernel, signal: AbortSignal): Promise<GuestImage> {
  const init = await readFile(new URL('guest-init.sh', import.meta.url));
  const busybox = await readFile('/bin/busybox').catch(() => readFile('/usr/bin/busybox'));
  const modules = await findModules(kernel);
  const pattern = incompressibleMebibyte();

  const hash = createHash('sha256').update(init).update(busybox).update(pattern);
  for (const path of modules) hash.update(basename(path)).update(await readFile(path));
  const images = join(cacheDirectory(), 'initramfs');
  const initramfs = join(images, `${hash.digest('hex').slice(0, 32)}.cpio.gz`);
  const image = { kernel: kernel.image, initramfs };
  if (
    await stat(initramfs).then(
      () => true,
      () => false,
    )
  )
    return image;

  const work = await mkdtemp(join(tmpdir(), 'ballast-test-initramfs-'));
  try {
    const root = join(work, 'root');
    for (const directory of ['bin', 'proc', 'sys', 'dev', 'modules'])
      await mkdir(join(root, directory), { recursive: true });
    await writeFile(join(root, 'init'), init);
    await writeFile(join(root, 'bin/busybox'), busybox);
    for (const file of ['init', 'bin/busybox']) await chmod(join(root, file), 0o755);
    await writeFile(join(root, 'pattern'), pattern);
    const order: string[] = [];
    for (const path of modules) order.push(await unpackModule(path, join(root, 'modules'), signal));
    await writeFile(join(root, 'modules/order'), order.map((name) => `${name}\n`).join(''));

    await command('sh', ['-c', 'find . | cpio --quiet -o -H newc > ../initramfs.cpio'], { cwd: root, signal });
    await pipeline(
      createReadStream(join(work, 'initramfs.cpio')),
      createGzip(),
      createWriteStream(join(work, 'initramfs.cpio.gz')),
    );
    // Copied to the same directory and then renamed: a file with the final name is always complete.
    await mkdir(images, { recursive: true });
    await cp(join(work, 'initramfs.cpio.gz'), `${initramfs}.${process.pid}`);
    await rename(`${initramfs}.${process.pid}`, initramfs);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return image;
}

/** Paths of the {@link MODULES} that are not built into the kernel. */
async function findModules(kernel: GuestKernel): Promise<string[]> {
  const all = await readdir(kernel.modules, { recursive: true });
  const found: string[] = [];
  for (const module of MODULES) {
    const path = all.find((name) => new RegExp(`^${module}\\.ko(\\.xz|\\.zst|\\.gz)?$`).test(basename(name)));
    if (path !== undefined) found.push(join(kernel.modules, path));
    else if (!(await builtIn(kernel, module))) {
      // Older kernels include the two PCI helpers in virtio_pci; the other modules are required.
      if (!module.endsWith('_dev'))
        throw new UnsuitableMachine(
          `The guest kernel ${kernel.image} has no ${module}, neither as a module nor built in.`,
        );
    }
  }
  return found;
}

/** Unpacks a module, because busybox's insmod does not decompress. Returns the file name of the unpacked module. */
async function unpackModule(path: string, into: string, signal: AbortSignal): Promise<string> {
  const name = basename(path).replace(/\.(xz|zst|gz)$/, '');
  const target = join(into, name);
  await cp(path, join(into, basename(path)));
  if (path.endsWith('.xz')) await command('xz', ['-d', join(into, basename(path))], { signal });
  if (path.endsWith('.zst'))
    await command('zstd', ['-q', '-d', '--rm', join(into, basename(path)), '-o', target], { signal });
  if (path.endsWith('.gz')) await command('gzip', ['-d', join(into, basename(path))], { signal });
  return name;
}

/** The same pseudorandom bytes in all guests, for KSM to merge; the 256 pages differ. */
function incompressibleMebibyte(): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(1024 * 1024));
}
