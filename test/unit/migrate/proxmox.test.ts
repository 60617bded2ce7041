import { describe, expect, it } from 'vitest';
import { migrateProxmox } from '../../../src/migrate/proxmox.ts';

const guest = (id: number, text: string) => ({ path: `/etc/pve/local/qemu-server/${id}.conf`, text });
const migrate = (guests: Parameters<typeof migrateProxmox>[0]['guests'], node: string | null = null) =>
  migrateProxmox({ node: node === null ? null : { path: 'config', text: node }, guests });

describe('a node of Proxmox VE', () => {
  it('becomes the same target for the host, and minimum and shares of each guest', () => {
    const { config, parameters, policies } = migrate(
      [
        guest(100, '# a note\nname: web\nmemory: 4096\nballoon: 2048\nshares: 3000\n\n[before-upgrade]\nballoon: 0\n'),
        guest(101, 'memory: 4096\nballoon: 0\n'),
        guest(102, 'name: plain\nscsi0: local:x,size=5G\n'),
        guest(103, 'memory: 4096\nballoon: 1024\nshares: 0\n'),
      ],
      'description: a node\nballooning-target: 90\n',
    );
    expect(config.filter((line) => !line.startsWith('#'))).toEqual([
      'collect_interval: 5s',
      'policy_interval: 10s',
      'controllers: [balloon]',
      'guests:',
      '  balloon_min:',
      '    - {match: web, min: 2048MiB}',
      "    - {match: '103', min: 1024MiB}",
      "  ballooning_off: ['101']",
    ]);
    expect(Object.fromEntries(parameters)).toEqual({
      target: '90%',
      shares: "{value: 1000, guests: {web: 3000, '103': 0}}",
    });
    expect(policies).toEqual([{ shipped: 'proxmox' }]);
  });

  it("has Proxmox's default", () => {
    expect(Object.fromEntries(migrate([]).parameters)).toEqual({ target: '80%' });
    expect(migrate([], 'ballooning-target: 101').moved).toMatchObject([{ kind: 'lost', line: 1 }]);
  });

  it.each([
    ['shares: 50001', 'not 0 to 50000'],
    ['shares: many', 'not 0 to 50000'],
    ['allow-ksm: 0', '<nosharepages/>'],
    ['balloon: half', 'not a whole number of MiB'],
    ['balloon: 99999999', 'not a whole number of MiB'],
  ])('says what has no equivalent: %s', (text, want) => {
    expect(migrate([guest(1, text)]).moved).toMatchObject([{ kind: 'lost', what: expect.stringContaining(want) }]);
  });

  it('calls a guest with an odd name by its number', () => {
    expect(migrate([guest(7, 'name: *\nballoon: 0')]).config.at(-1)).toBe("  ballooning_off: ['7']");
  });

  it('is refused with file and line if it is something else', () => {
    expect(() => migrate([guest(7, 'name web')])).toThrow('/etc/pve/local/qemu-server/7.conf:1: expected KEY: VALUE');
  });
});
