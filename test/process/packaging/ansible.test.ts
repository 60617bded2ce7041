import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hasProgram } from '../../support/has-program.ts';
import { OperatorHost } from '../../support/operator-host.ts';

const ANSIBLE = join(import.meta.dirname, '../../../packaging/ansible');

let folder: string;
let host: OperatorHost;
/** A second host, which has a config but no daemon. */
let other: string;
const OLD = 'dry_run: true # by hand\n';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-ansible-'));
  other = join(folder, 'other');
  await mkdir(join(other, 'etc/ballast'), { recursive: true });
  await writeFile(join(other, 'etc/ballast/ballast.yaml'), OLD);
  host = await OperatorHost.create();
  await host.run('systemctl start ballast');
});
afterEach(async () => {
  await host.remove();
  await rm(folder, { recursive: true, force: true });
});

const configOf = (root: string) => readFile(join(root, 'etc/ballast/ballast.yaml'), 'utf8');

/** Runs the playbook over this machine, with a directory for the root of each host. */
async function play(
  config: object,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string }> {
  const variables = { ansible_connection: 'local', ansible_python_interpreter: '/usr/bin/python3' };
  const inventory = {
    kvm: {
      hosts: { first: { ballast_root: host.root }, second: { ballast_root: other } },
      vars: {
        ...variables,
        ballast_become: false,
        ballast_manage_service: false,
        ballast_command: join(host.root, 'bin/ballast'),
        ballast_health_retries: 1,
        ballast_health_delay: 0,
        ballast_config: { ...config, ...host.settings() },
      },
    },
  };
  // YAML is a superset of JSON.
  await writeFile(join(folder, 'hosts.yaml'), JSON.stringify(inventory));
  const env = {
    ...process.env,
    HOME: folder,
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_LOCALHOST_WARNING: 'false',
    LC_ALL: 'C.UTF-8',
  };
  return new Promise((resolve) => {
    execFile(
      'ansible-playbook',
      ['-i', join(folder, 'hosts.yaml'), join(ANSIBLE, 'site.yml'), ...args],
      { env },
      (failed, stdout, stderr) => resolve({ code: Number(failed?.code ?? 0), out: `${stdout}${stderr}` }),
    );
  });
}

const POLICY = { policy: { files: [join(ANSIBLE, '../../policies/mom-ksm.policy')] } };

// Without Ansible nothing can be shown here.
describe.skipIf(!hasProgram('ansible-playbook'))('the Ansible role (needs ansible-core)', () => {
  it('changes nothing in check mode, and shows the difference', async () => {
    const before = await configOf(host.root);
    const { code, out } = await play({ dry_run: true, ...POLICY }, '--check', '--diff');
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^\+dry_run: true$/m) as string });
    expect(await configOf(host.root)).toBe(before);
    expect(await configOf(other)).toBe(OLD);
  });

  it('writes the config, passes a healthy host, and has nothing to change the second time', async () => {
    const first = await play({ dry_run: true, ...POLICY }, '--limit', 'first');
    expect(first.out).toMatch(/^first +: ok=\d+ +changed=[1-9]\d* +unreachable=0 +failed=0 /m);
    expect(parse(await configOf(host.root))).toMatchObject({ dry_run: true, ...POLICY });
    const second = await play({ dry_run: true, ...POLICY }, '--limit', 'first');
    expect(second.out).toMatch(/^first +: ok=\d+ +changed=0 +unreachable=0 +failed=0 /m);
  });

  it('keeps the config of a host when the new one has mistakes', async () => {
    const before = await configOf(host.root);
    const { code, out } = await play({ dry_run: 'maybe', ...POLICY });
    expect({ code: code > 0, out }).toMatchObject({ code: true, out: expect.stringContaining('dry_run') as string });
    expect(await configOf(host.root)).toBe(before);
  });

  it('stops at the first host that is not healthy, before it touches the next', async () => {
    await host.run("sed -i 's/^dry_run: true/dry_run: false/' /etc/ballast/ballast.yaml; systemctl restart ballast");
    await writeFile(join(host.root, 'run/ballast/stop'), '');
    await host.runAll([]);
    const { code, out } = await play({ dry_run: true, ...POLICY });
    expect(code).toBeGreaterThan(0);
    expect(out).toMatch(/^first +: .* failed=1 /m);
    expect(out).toContain('the stop file /run/ballast/stop is there'.replace('/run', `${host.root}/run`));
    expect(await configOf(other)).toBe(OLD);
  });
});
