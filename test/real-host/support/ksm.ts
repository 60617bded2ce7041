import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const DIRECTORY = '/sys/kernel/mm/ksm';

/** The attributes that can be written, as far as this kernel has them. `run` and `advisor_mode` have an order of their own. */
const SETTINGS = [
  'pages_to_scan',
  'sleep_millisecs',
  'merge_across_nodes',
  'max_page_sharing',
  'use_zero_pages',
  'smart_scan',
  'stable_node_chains_prune_millisecs',
  'advisor_max_cpu',
  'advisor_min_pages_to_scan',
  'advisor_max_pages_to_scan',
  'advisor_target_scan_time',
] as const;

/** Setting names to their values, as sysfs takes them. */
export type KsmSettings = Readonly<Record<string, string>>;

/** The real KSM of this machine (Documentation/admin-guide/mm/ksm.rst). There is one for all: tests restore what they change. */
export const ksm = {
  /** A number from sysfs, `pages_sharing` for instance. */
  async read(name: string): Promise<number> {
    return Number(await ksm.readText(name));
  },

  /** The text of an attribute without the newline; of a choice like `advisor_mode` the chosen one. */
  async readText(name: string): Promise<string> {
    const text = (await readFile(join(DIRECTORY, name), 'utf8')).trim();
    return /\[(\S+)\]/.exec(text)?.[1] ?? text;
  },

  /** Writes one attribute. Rejects with the kernel's errno: EBUSY for merge_across_nodes while pages are shared, EINVAL … */
  async write(name: string, value: number | string): Promise<void> {
    await writeFile(join(DIRECTORY, name), String(value));
  },

  /** All settings, for {@link ksm.restore}. Rejects with ENOENT when the kernel has no KSM. */
  async settings(): Promise<KsmSettings> {
    const settings: Record<string, string> = { run: await ksm.readText('run') };
    for (const name of ['advisor_mode', ...SETTINGS]) {
      const value = await ksm.readText(name).catch(absent);
      if (value !== null) settings[name] = value;
    }
    return settings;
  },

  /** Puts the settings back, in the order that the kernel allows. Writes only what differs. */
  async restore(wanted: KsmSettings): Promise<void> {
    const current = await ksm.settings();
    const differs = (name: string): boolean => wanted[name] !== undefined && wanted[name] !== current[name];
    // Refused with EBUSY as long as a page is shared.
    if (differs('merge_across_nodes') || differs('max_page_sharing')) await ksm.write('run', 2);
    // pages_to_scan is refused while the advisor steers it.
    const advisor = wanted['advisor_mode'];
    if (differs('advisor_mode')) await ksm.write('advisor_mode', 'none');
    for (const name of SETTINGS) {
      const value = wanted[name];
      const steered = name === 'pages_to_scan' && advisor !== undefined && advisor !== 'none';
      if (value !== undefined && differs(name) && !steered) await ksm.write(name, value);
    }
    if (advisor !== undefined && differs('advisor_mode')) await ksm.write('advisor_mode', advisor);
    const run = wanted['run'];
    if (run !== undefined && run !== (await ksm.readText('run'))) await ksm.write('run', run);
  },
};

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
