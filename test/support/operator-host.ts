import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ControlClient } from '../../src/control/client.ts';
import { BALLAST } from './ballast.ts';
import { startFakeLibvirtd, type FakeLibvirtd } from './fake-libvirtd.ts';
import { operatorPrograms } from './operator-programs.ts';
import type { Step } from './walkthrough.ts';

const ROOT = join(import.meta.dirname, '../..');
const GIB = 1024 ** 2;
const CONFIG = '/etc/ballast/ballast.yaml';

/** The paths that pages name. Commands use them below the folder of the test, and their output is translated back. */
const PATHS =
  /(?<![\w./-])\/(?:etc\/(?:ballast|systemd)|run\/ballast|var\/(?:lib|log)\/ballast|usr\/share\/ballast)(?![\w-])/g;

/** Memory of the host that is free, KiB of 24,684,084: less than its operator wants to keep. */
const FREE_KIB = 3_700_000;

/** A host that is short of memory, with four guests of each kind that an operator asks about, and one without a driver. */
async function guestsAt(socketPath: string): Promise<FakeLibvirtd> {
  const fake = await startFakeLibvirtd({
    socketPath,
    guests: [
      { name: 'db-1', maximumKib: 8 * GIB, usedKib: 3 * GIB },
      { name: 'web-1', maximumKib: 4 * GIB, usedKib: 3.9 * GIB },
      { name: 'web-2', maximumKib: 4 * GIB, usedKib: GIB },
      { name: 'batch-1', maximumKib: 4 * GIB, usedKib: GIB },
      { name: 'win-1', maximumKib: 4 * GIB, statsPeriodS: 0 },
    ],
  });
  fake.guest('web-2').migrating = true;
  fake.guest('win-1').reporting = false;
  return fake;
}

/** A host with the files of the Debian package, a fake libvirtd and a copy of a kernel's files, all in a folder. */
export class OperatorHost {
  readonly #folder: string;
  readonly fake: FakeLibvirtd;

  private constructor(folder: string, fake: FakeLibvirtd) {
    this.#folder = folder;
    this.fake = fake;
  }

  static async create(): Promise<OperatorHost> {
    const folder = await mkdtemp(join(tmpdir(), 'ballast-operator-'));
    const at = (path: string) => join(folder, path);
    const directories = ['etc/ballast', 'etc/systemd/system', 'run/ballast', 'var/lib/ballast', 'usr/share/ballast'];
    for (const path of ['bin', ...directories]) await mkdir(at(path), { recursive: true });
    await symlink(join(ROOT, 'policies'), at('usr/share/ballast/policies'));
    await cp(join(ROOT, 'test/fixtures/hosts/linux-6.18'), at('host'), { recursive: true });
    const meminfo = await readFile(at('host/proc/meminfo'), 'utf8');
    await writeFile(at('host/proc/meminfo'), meminfo.replace(/^(MemFree|MemAvailable): .*$/gm, `$1: ${FREE_KIB} kB`));
    const host = new OperatorHost(folder, await guestsAt(at('libvirt.sock')));
    await host.write(CONFIG, await readFile(join(ROOT, 'packaging/debian/ballast.yaml'), 'utf8'));
    await writeFile(at('etc/ballast/parameters.yaml'), 'reserve: 16%\n');
    for (const [name, text] of Object.entries(operatorPrograms({ folder, ballast: BALLAST })))
      await writeFile(at(`bin/${name}`), text, { mode: 0o755 });
    return host;
  }

  /** What stands for the root of the host. */
  get root(): string {
    return this.#folder;
  }

  /** Puts the npm package into the folder in which commands run. */
  async pack(): Promise<void> {
    await promisify(execFile)('npm', ['pack', '--pack-destination', this.#folder], { cwd: ROOT });
  }

  /** Runs the steps of a page one after the other; the daemon sees each before the next. Returns what each prints. */
  async runAll(steps: readonly Step[]): Promise<readonly string[]> {
    const printed: string[] = [];
    await this.#settled();
    for (const step of steps) {
      printed.push(step.kind === 'write' ? await this.write(step.name, step.text) : await this.run(step.command));
      await this.#settled();
    }
    return printed;
  }

  /** Runs a command of a page, and returns what it prints, with the paths of the page. */
  run(command: string): Promise<string> {
    const env = {
      PATH: `${join(this.#folder, 'bin')}:${join(this.#folder, 'npm/bin')}:${process.env['PATH']}`,
      HOME: this.#folder,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      npm_config_prefix: join(this.#folder, 'npm'),
      npm_config_offline: 'true',
      npm_config_audit: 'false',
    };
    const script = `exec 2>&1 < /dev/null\n${this.#inFolder(command)}\n`;
    return new Promise((done) => {
      execFile('bash', ['-c', script], { cwd: this.#folder, env }, (_failed, stdout) =>
        done(stdout.replaceAll(this.#folder, '')),
      );
    });
  }

  /** Writes a file of a page; a config with the settings of the test: one evaluation at the start, so that pages show the same each time. */
  async write(name: string, text: string): Promise<string> {
    const added = Object.entries(this.settings())
      .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
      .join('');
    await writeFile(
      resolve(this.#folder, this.#inFolder(name)),
      this.#inFolder(name === CONFIG ? `${text}\n${added}` : text),
    );
    return '';
  }

  /** What the config of a test has besides that of an operator. */
  settings(): object {
    return {
      libvirt: { socket: this.fake.socketPath },
      host_root: join(this.#folder, 'host'),
      runtime_dir: join(this.#folder, 'run/ballast'),
      // The policies look back on half an hour, and 1000 samples are kept.
      collect_interval: '1810ms',
      policy_interval: '1h',
    };
  }

  async remove(): Promise<void> {
    await this.run('systemctl stop ballast');
    await this.fake.stop();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Waits until the daemon has finished two more intervals, so that it has seen what was changed; at once if none runs. */
  async #settled(): Promise<void> {
    const client = new ControlClient({ socket: join(this.#folder, 'run/ballast/status.sock'), name: 'test' });
    const intervals = (): Promise<number | null> =>
      client.call('status').then(
        (status) => status.intervals,
        () => null,
      );
    const first = await intervals();
    if (first === null) return;
    for (let now: number | null = first; now !== null && now < first + 2;) now = await intervals();
  }

  #inFolder(text: string): string {
    return text.replace(PATHS, `${this.#folder}$&`);
  }
}
