// `sudo npm run test:package [-- FILE.deb]`: installs, starts, upgrades, removes and purges the Debian package in a throw-away Debian. It
// boots with systemd in a container (systemd-nspawn). With --chroot, or where systemd-nspawn cannot be had, the same steps run in a chroot, and
// the daemon is started by hand; where no Debian can be fetched, over this machine's own files. All changes are made in memory.
// Needs root. The machine's own KSM settings are written with the values that they have.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { suite: { type: 'string', default: 'bookworm' }, chroot: { type: 'boolean', default: false } },
});
if (process.getuid?.() !== 0) throw new Error('run this as root');

/** Kept for the next run. */
const cached = join(homedir(), `.cache/ballast-deb/${values.suite}`);
const work = await mkdtemp(join(tmpdir(), 'ballast-package-'));
const debs = join(work, 'debs');
/** Control groups that systemd-nspawn makes and leaves. */
const groups = ['systemd', 'unified'].flatMap((name) => ['payload', 'supervisor'].map((group) => `/sys/fs/cgroup/${name}/${group}`)); // prettier-ignore
const foreignGroups = new Set((await Promise.all(groups.map(async (path) => ((await isThere(path)) ? [path] : [])))).flat()); // prettier-ignore
try {
  await mkdir(debs, { recursive: true });
  const base = await makeBase();
  const boots = !values.chroot && base !== '/' && (await canRun('systemd-nspawn', 'systemd-container'));
  await makePackages(positionals[0]);
  const isClean = await hasNoLintErrors(join(debs, 'old.deb'));
  await cp(join(root, 'test/package/inside.sh'), join(debs, 'inside.sh'));
  await putPageCommands();
  // A private mount namespace: whatever is mounted here is gone with the process.
  const code = await shell(boots ? booted(base) : inChroot(base));
  const report = await readFile(join(debs, 'report'), 'utf8').catch(() => '');
  process.stdout.write(report);
  const [passed, failed] = ['ok', 'FAILED'].map((word) => report.match(new RegExp(`^${word} `, 'gm'))?.length ?? 0);
  const isComplete = /^done$/m.test(report);
  console.log(`${passed} passed, ${failed} failed, ${boots ? 'with' : 'without'} systemd`);
  if (!isComplete) console.log(`the test did not reach its end (exit code ${code})`);
  process.exitCode = isClean && isComplete && failed === 0 && passed! > 0 ? 0 : 1;
} finally {
  await rm(work, { recursive: true, force: true });
  for (const path of groups) if (!foreignGroups.has(path)) await removeGroups(path);
}

/** A minimal Debian with systemd, or the root of this machine. */
async function makeBase(): Promise<string> {
  if (await isThere(join(cached, 'etc/debian_version'))) return cached;
  if (!(await canRun('debootstrap', 'debootstrap'))) return '/';
  console.log(`making a Debian ${values.suite} in ${cached}`);
  const fresh = `${cached}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const packages = '--include=systemd,systemd-sysv,libstdc++6,init-system-helpers,util-linux';
  try {
    await run('debootstrap', ['--variant=minbase', packages, values.suite, fresh], { maxBuffer: 2 ** 26 });
  } catch (error) {
    console.log(
      `no Debian can be fetched, so this machine's files are used: ${(error as Error).message.split('\n')[0]}`,
    );
    return '/';
  }
  await rename(fresh, cached);
  return cached;
}

/** Installs a program that is missing, if the machine is a Debian with packages. */
async function canRun(program: string, from: string): Promise<boolean> {
  const places = ['/usr/bin', '/usr/sbin'].map((folder) => isThere(join(folder, program)));
  if ((await Promise.all(places)).includes(true)) return true;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return run('apt-get', ['-y', '-q', 'install', '--no-install-recommends', from], { env, maxBuffer: 2 ** 26 }).then(
    () => true,
    () => false,
  );
}

/** old.deb, and new.deb: the same with a higher version. */
async function makePackages(given: string | undefined): Promise<void> {
  const built = given ?? (await run(join(root, 'node_modules/.bin/tsx'), [join(root, 'scripts/package-deb.ts'), '--output', work])).stdout.trim(); // prettier-ignore
  await cp(built, join(debs, 'old.deb'));
  const tree = join(work, 'tree');
  await run('dpkg-deb', ['-R', built, tree]);
  const control = join(tree, 'DEBIAN/control');
  await writeFile(control, (await readFile(control, 'utf8')).replace(/^Version: .*$/m, '$&+2'));
  await run('dpkg-deb', ['--root-owner-group', '-Znone', '-b', tree, join(debs, 'new.deb')]);
  await rm(tree, { recursive: true });
}

/** `page-install`: the commands that docs/operations/install.md has for the package, a line each; and so on. */
async function putPageCommands(): Promise<void> {
  for (const name of ['install', 'upgrade', 'uninstall']) {
    const page = await readFile(join(root, `docs/operations/${name}.md`), 'utf8');
    const blocks = [...page.matchAll(/^<!-- package: \w+ -->\n```console\n([^]*?)^```$/gm)].map(([, block]) => block!);
    const commands = blocks.join('').match(/(?<=^\$ ).*/gm) ?? [];
    if (commands.length === 0) throw new Error(`docs/operations/${name}.md has no commands for the package`);
    await writeFile(join(debs, `page-${name}`), commands.map((command) => `${command}\n`).join(''));
  }
}

/** What lintian calls an error fails the test; without lintian it says so. */
async function hasNoLintErrors(file: string): Promise<boolean> {
  if (!(await canRun('lintian', 'lintian'))) {
    console.log('lintian was skipped: it cannot be installed here');
    return true;
  }
  const { stdout, failed } = await run('lintian', ['--allow-root', '--fail-on', 'error', file]).then(
    (output) => ({ stdout: output.stdout, failed: false }),
    (error: { readonly stdout?: string }) => ({ stdout: error.stdout ?? '', failed: true }),
  );
  console.log(`${failed ? 'FAILED' : 'ok'} lintian finds no errors\n${stdout}`.trimEnd());
  return !failed;
}

/** systemd as the first process of a container, over a file system in memory that is gone afterwards. */
function booted(base: string): string {
  const unit = `[Unit]
After=basic.target
[Service]
Type=oneshot
StandardOutput=append:/debs/report
StandardError=append:/debs/report
ExecStart=/bin/bash /debs/inside.sh /debs
ExecStopPost=/bin/sh -c 'systemctl --no-block poweroff 2>/dev/null'
TimeoutStartSec=300
`;
  return `
${overlay(base)}
cat > root/etc/systemd/system/ballast-test.service <<'UNIT'
${unit}
UNIT
mkdir -p root/debs root/etc/systemd/system/multi-user.target.wants
ln -s ../ballast-test.service root/etc/systemd/system/multi-user.target.wants/
timeout -k 10 400 systemd-nspawn -q -D root -M ballast-test-$$ --register=no --keep-unit --boot --console=pipe \\
  --bind=${debs}:/debs --bind=/sys/kernel/mm/ksm </dev/null >boot.log 2>&1
`;
}

function inChroot(base: string): string {
  return `
${overlay(base)}
mkdir -p root/debs
mount --bind ${debs} root/debs
mount -t proc proc root/proc
mount -t sysfs -o ro sysfs root/sys
mount -t tmpfs tmpfs root/run
mount --bind /dev root/dev
chroot root /bin/bash /debs/inside.sh /debs > ${debs}/report 2>&1
`;
}

function overlay(base: string): string {
  return `set -e
cd ${work}
mkdir -p upper root
mount -t tmpfs tmpfs upper
mkdir upper/data upper/work
mount -t overlay -o lowerdir=${base},upperdir=upper/data,workdir=upper/work overlay root`;
}

async function shell(script: string): Promise<number | null> {
  const child = spawn('unshare', ['--mount', '--propagation=private', 'bash', '-c', script], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

async function removeGroups(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeGroups(join(path, entry.name));
  await rmdir(path).catch(() => undefined);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
