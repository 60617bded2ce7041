import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const DIRECTORY = '/sys/kernel/mm/ksm';

/** The writable attributes; kernels may lack some. `run` and `advisor_mode` are handled separately, because their order matters. */
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

/** Settings by name, with values as in sysfs. */
export type KsmSettings = Readonly<Record<string, string>>;

/** The real KSM of this machine (Documentation/admin-guide/mm/ksm.rst). It is shared by all tests, so they restore what they change. */
export const ksm = {
  /** A number from sysfs, such as `pages_sharing`. */
  async read(name: string): Promise<number> {
    return Number(await ksm.readText(name));
  },

  /** The text of an attribute without the newline; for a choice such as `advisor_mode`, the selected value. */
  async readText(name: string): Promise<string> {
    const text = (await readFile(join(DIRECTORY, name), 'utf8')).trim();
    return /\[(\S+)\]/.exec(text)?.[1] ?? text;
  },

  /** Writes one attribute. Rejects with the kernel's errno: EBUSY for merge_across_nodes while pages are shared, EINVAL … */
  async write(name: string, value: number | string): Promise<void> {
    await writeFile(join(DIRECTORY, name), String(value));
  },

  /** All settings, for {@link ksm.restore}. Rejects with ENOENT if the kernel has no KSM. */
  async settings(): Promise<KsmSettings> {
    const settings: Record<string, string> = { run: await ksm.readText('run') };
    for (const name of ['advisor_mode', ...SETTINGS]) {
      const value = await ksm.readText(name).catch(absent);
      if (value !== null) settings[name] = value;
    }
    return settings;
  },

  /** Restores settings in the order that the kernel requires. Writes only those that differ. */
  async restore(wanted: KsmSettings): Promise<void> {
    const current = await ksm.settings();
    const differs = (name: string): boolean => wanted[name] !== undefined && wanted[name] !== current[name];
    // The kernel refuses these with EBUSY while a page is shared.
    if (differs('merge_across_nodes') || differs('max_page_sharing')) await ksm.write('run', 2);
    // The kernel refuses pages_to_scan while the advisor controls it.
    const advisor = wanted['advisor_mode'];
    if (differs('advisor_mode')) await ksm.write('advisor_mode', 'none');
    for (const name of SETTINGS) {
      const value = wanted[name];
      const isControlled = name === 'pages_to_scan' && advisor !== undefined && advisor !== 'none';
      if (value !== undefined && differs(name) && !isControlled) await ksm.write(name, value);
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
