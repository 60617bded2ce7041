// `sudo npm run test:package [-- FILE.deb]`: the Debian package in throw-away Debians that boot with systemd in a container
// (systemd-nspawn). In the first it is installed, started, upgraded, removed and purged (test/package/life-cycle.sh). The second is a KVM host
// with real guests and a Prometheus (test/package/first-hour.sh). In the third Ansible installs it (test/package/ansible.sh). With --chroot, or where systemd-nspawn cannot be had, the same scripts run in
// a chroot, and the daemon is started by hand; where no Debian can be fetched, over this machine's own files. All changes are made in memory.
// Needs root. KSM is this machine's own; its settings are restored.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  canRun,
  machineFiles,
  run,
  runInMachine,
  withoutNewGroups,
  type MachineKind,
} from '../test/package/machine.ts';
import { guestImage } from '../test/real-host/bed/image.ts';
import { guestKernel } from '../test/real-host/bed/kernel.ts';
import { ksm } from '../test/real-host/support/ksm.ts';

interface Scene {
  readonly script: string;
  readonly machine: MachineKind;
  readonly limitS: number;
}

const SCENES: readonly Scene[] = [
  { script: 'life-cycle.sh', machine: { name: 'minimal', packages: [] }, limitS: 300 },
  {
    script: 'first-hour.sh',
    machine: {
      name: 'host',
      packages: ['dbus', 'libpam-systemd', 'libvirt-daemon-system', 'libvirt-daemon-driver-qemu', 'libvirt-clients', 'qemu-system-x86', 'prometheus', 'tmux', 'curl'], // prettier-ignore
    },
    limitS: 600,
  },
  {
    script: 'ansible.sh',
    machine: { name: 'ansible', packages: ['dbus', 'python3-cffi-backend', 'ansible-core', 'python3-apt'] },
    limitS: 300,
  },
];

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    suite: { type: 'string', default: 'bookworm' },
    chroot: { type: 'boolean', default: false },
    /** The start of a script's name. */
    only: { type: 'string', default: '' },
  },
});
if (process.getuid?.() !== 0) throw new Error('run this as root');

const work = await mkdtemp(join(tmpdir(), 'ballast-package-'));
const folder = join(work, 'debs');
const settings = await ksm.settings().catch(() => null);
try {
  await mkdir(folder, { recursive: true });
  await makePackages(positionals[0]);
  await putPageCommands();
  await putGuest();
  await cp(join(root, 'test/package'), folder, { recursive: true });
  await cp(join(root, 'packaging/ansible'), join(folder, 'ansible'), { recursive: true });
  await cp(join(root, 'packaging/prometheus/ballast.rules.yaml'), join(folder, 'ballast.rules.yaml'));
  let isGood = await hasNoLintErrors(join(folder, 'old.deb'));
  for (const scene of SCENES)
    if (scene.script.startsWith(values.only)) isGood = (await withoutNewGroups(() => play(scene))) && isGood;
  process.exitCode = isGood ? 0 : 1;
} finally {
  await rm(work, { recursive: true, force: true });
  if (settings !== null) await ksm.restore(settings);
}

async function play({ script, machine, limitS }: Scene): Promise<boolean> {
  const files = await machineFiles(values.suite, machine);
  const boots = !values.chroot && files !== '/' && (await canRun('systemd-nspawn', 'systemd-container'));
  const report = await runInMachine({ files, boots }, { folder, script, work, limitS });
  process.stdout.write(report);
  const [passed, failed] = ['ok', 'FAILED'].map((word) => report.match(new RegExp(`^${word} `, 'gm'))?.length ?? 0);
  console.log(`${script}: ${passed} passed, ${failed} failed, ${boots ? 'with' : 'without'} systemd`);
  return /^done$/m.test(report) && failed === 0 && passed! > 0;
}

/** old.deb, and new.deb: the same with a higher version. */
async function makePackages(given: string | undefined): Promise<void> {
  const built = given ?? (await run(join(root, 'node_modules/.bin/tsx'), [join(root, 'scripts/package-deb.ts'), '--output', work])).stdout.trim(); // prettier-ignore
  await cp(built, join(folder, 'old.deb'));
  const tree = join(work, 'tree');
  await run('dpkg-deb', ['-R', built, tree]);
  const control = join(tree, 'DEBIAN/control');
  await writeFile(control, (await readFile(control, 'utf8')).replace(/^Version: .*$/m, '$&+2'));
  await run('dpkg-deb', ['--root-owner-group', '-Znone', '-b', tree, join(folder, 'new.deb')]);
  await rm(tree, { recursive: true });
}

/** `page-install`: the commands that docs/operations/install.md has for the package, a line each; and so on. */
async function putPageCommands(): Promise<void> {
  for (const name of ['install', 'upgrade', 'uninstall']) {
    const page = await readFile(join(root, `docs/operations/${name}.md`), 'utf8');
    const blocks = [...page.matchAll(/^<!-- package: \w+ -->\n```console\n([^]*?)^```$/gm)].map(([, block]) => block!);
    const commands = blocks.join('').match(/(?<=^\$ ).*/gm) ?? [];
    if (commands.length === 0) throw new Error(`docs/operations/${name}.md has no commands for the package`);
    await writeFile(join(folder, `page-${name}`), commands.map((command) => `${command}\n`).join(''));
  }
}

/** What the guests of the test bed boot. */
async function putGuest(): Promise<void> {
  for (const [program, from] of [
    ['busybox', 'busybox-static'],
    ['cpio', 'cpio'],
  ] as const)
    // prettier-ignore
    if (!(await canRun(program, from))) throw new Error(`the guests' image needs ${program}: apt install ${from}`);
  const { signal } = new AbortController();
  const { kernel, initramfs } = await guestImage(await guestKernel(console.log, signal), signal);
  await cp(kernel, join(folder, 'guest-kernel'));
  await cp(initramfs, join(folder, 'guest-initramfs'));
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
