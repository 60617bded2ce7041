// Builds the Debian package: `npm run package:deb [-- --arch amd64|arm64] [--output FOLDER] [--version 0.1.0-1]`. It needs dpkg-deb,
// tar and strip; Node.js for the package comes from npm's registry once and is then in the cache.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { putCommandFiles } from './deb/command-files.ts';
import { unpackNode } from './deb/node-binary.ts';
import { makeTree } from './deb/tree.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const MAINTAINER = 'The authors of Ballast <ballast@ballast.example>';

const { values } = parseArgs({
  options: { arch: { type: 'string' }, output: { type: 'string' }, version: { type: 'string' } },
});
const { version: ownVersion, description } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly description: string;
};
const version = values.version ?? `${ownVersion}-1`;
const architecture = values.arch ?? (await run('dpkg', ['--print-architecture'])).stdout.trim();
const output = resolve(values.output ?? root);

/** Seconds of the commit: the same sources give the same package. */
const epoch = process.env['SOURCE_DATE_EPOCH'] ?? (await commitTime());

const work = await mkdtemp(join(tmpdir(), 'ballast-deb-'));
try {
  const tree = join(work, 'tree');
  await mkdir(join(tree, 'DEBIAN'), { recursive: true });
  const node = await unpackNode(architecture, join(homedir(), '.cache/ballast-deb'), join(work, 'node'));
  await putCommandFiles(tree, { version: ownVersion, date: new Date(Number(epoch) * 1000).toISOString().slice(0, 10) });
  await makeTree({ root, node, work, tree, changelog: changelog() });
  await putControlFiles(tree);
  await mkdir(output, { recursive: true });
  const file = join(output, `ballast_${version}_${architecture}.deb`);
  const env = { ...process.env, SOURCE_DATE_EPOCH: epoch };
  await run('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', tree, file], { env });
  console.log(file);
} finally {
  await rm(work, { recursive: true, force: true });
}

async function putControlFiles(tree: string): Promise<void> {
  const files = (await filesBelow(tree, '')).filter((path) => !path.startsWith('DEBIAN/'));
  let bytes = 0;
  const sums: string[] = [];
  for (const path of files) {
    const content = await readFile(join(tree, path));
    bytes += content.length;
    sums.push(`${createHash('md5').update(content).digest('hex')}  ${path}\n`);
  }
  const conffiles = files.filter((path) => path.startsWith('etc/')).map((path) => `/${path}\n`);
  await writeFile(join(tree, 'DEBIAN/control'), control(Math.ceil(bytes / 1024)));
  await writeFile(join(tree, 'DEBIAN/md5sums'), sums.join(''));
  await writeFile(join(tree, 'DEBIAN/conffiles'), conffiles.join(''));
  for (const script of ['postinst', 'prerm', 'postrm']) {
    await cp(join(root, 'packaging/debian', script), join(tree, 'DEBIAN', script));
    await chmod(join(tree, 'DEBIAN', script), 0o755);
  }
  for (const name of ['control', 'md5sums', 'conffiles']) await chmod(join(tree, 'DEBIAN', name), 0o644);
}

function control(installedKib: number): string {
  return `Package: ballast
Version: ${version}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${installedKib}
Depends: init-system-helpers (>= 1.52), libc6 (>= 2.28), libgcc-s1 (>= 3.4), libstdc++6 (>= 9)
Recommends: systemd
Suggests: libvirt-daemon-system, jq
Section: admin
Priority: optional
Description: memory overcommit policy engine for KVM hosts
 ${wrapped(`${description}.`)}
 .
 As installed it changes nothing: it logs what its policies would do, until
 dry_run is set to false in /etc/ballast/ballast.yaml. "ballast doctor" shows
 what hinders memory overcommit on the host.
`;
}

function wrapped(text: string): string {
  return text.replace(/(.{1,76})(?: |$)/g, '$1\n ').trimEnd();
}

function changelog(): string {
  const date = new Date(Number(epoch) * 1000).toUTCString().replace('GMT', '+0000');
  return `ballast (${version}) unstable; urgency=medium

  * See changelog.gz.

 -- ${MAINTAINER}  ${date}
`;
}

async function commitTime(): Promise<string> {
  return (await run('git', ['log', '-1', '--format=%ct'], { cwd: root })).stdout.trim();
}

/** Ordinary files; links are not followed. */
async function filesBelow(folder: string, path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of (await readdir(join(folder, path))).sort()) {
    const below = path === '' ? name : `${path}/${name}`;
    const kind = await lstat(join(folder, below));
    if (kind.isDirectory()) found.push(...(await filesBelow(folder, below)));
    else if (kind.isFile()) found.push(below);
  }
  return found;
}
