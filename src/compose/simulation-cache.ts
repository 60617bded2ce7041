import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLimited } from '../support/read-limited.ts';
import { replaceOwnFile } from '../support/replace-file.ts';
import { loadHostSetup, loadSetup } from './setup.ts';
import type { SimulationJob } from './simulation-job.ts';
import type { SimulationResult } from './simulation.ts';

/** A result of 10,000 guests has about 2 MB. */
const MOST_BYTES = 16 * 1024 ** 2;

/** More are not kept: those that were not used for the longest time go first. */
const MOST_RESULTS = 5000;

const RESULT = /^[0-9a-f]{64}\.json$/;

/** Tells the keys of jobs. It reads each file once: a new one sees what has changed. */
export class Keys {
  readonly #code: Promise<string>;
  readonly #contents = new Map<string, Promise<unknown>>();
  readonly #scenarios = new WeakMap<SimulationJob['scenario'], string>();

  constructor(code: Promise<string>) {
    this.#code = code;
  }

  /**
   * @returns null: the result depends on what has no content to compare, or more of it is wanted than is kept
   * @throws SetupError
   */
  async of(job: SimulationJob): Promise<string | null> {
    if (job.output !== null || job.tables !== undefined || job.guestSeries === true) return null;
    const content = await this.#contentOf(job);
    if (content === null) return null;
    const parts = { code: await this.#code, node: process.version, scenario: this.#scenarioOf(job), seed: job.seed };
    return digest(JSON.stringify({ ...parts, content }));
  }

  #contentOf(job: SimulationJob): Promise<unknown> {
    const { config, policies, parameters } = job;
    const name = JSON.stringify({ config, policies, parameters });
    const known = this.#contents.get(name);
    if (known !== undefined) return known;
    const content = contentOf(job);
    this.#contents.set(name, content);
    return content;
  }

  #scenarioOf({ scenario }: SimulationJob): string {
    const known = this.#scenarios.get(scenario) ?? digest(JSON.stringify(scenario));
    this.#scenarios.set(scenario, known);
    return known;
  }
}

/**
 * Results of simulations that have been done before, as files. A key is made of the content of everything that a result depends on: the
 * scenario, the seed, the config, the policies, the parameters, Ballast's own code and the version of Node. So nothing in it can
 * be out of date. What cannot be read is simulated again, and what cannot be written is not kept.
 */
export class ResultCache {
  readonly #folder: string;
  readonly #code = codeDigest();

  constructor(folder: string) {
    this.#folder = folder;
  }

  keys(): Keys {
    return new Keys(this.#code);
  }

  async read(key: string): Promise<SimulationResult | null> {
    const path = this.#path(key);
    try {
      const [sum, text] = (await readLimited(path, MOST_BYTES, false)).toString().split('\n', 2);
      if (text === undefined || sum !== digest(text)) return null;
      const now = new Date();
      await utimes(path, now, now);
      return JSON.parse(text) as SimulationResult;
    } catch {
      return null;
    }
  }

  /** Keeps a result, unless a file that it depends on has changed since it had this key. */
  async write(key: string, job: SimulationJob, result: SimulationResult): Promise<void> {
    const text = JSON.stringify(result);
    try {
      if ((await this.keys().of(job)) !== key) return;
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await replaceOwnFile(this.#path(key), `${digest(text)}\n${text}`, 0o600);
    } catch {
      // A full disk costs time at the next comparison, and nothing else.
    }
  }

  /** Removes what is too much. */
  async prune(): Promise<void> {
    try {
      const names = (await readdir(this.#folder)).filter((name) => RESULT.test(name));
      if (names.length <= MOST_RESULTS) return;
      const paths = names.map((name) => join(this.#folder, name));
      const used = await Promise.all(paths.map(async (path) => ({ path, ms: (await stat(path)).mtimeMs })));
      const oldest = used.toSorted((a, b) => a.ms - b.ms).slice(0, names.length - MOST_RESULTS);
      await Promise.all(oldest.map(({ path }) => rm(path, { force: true })));
    } catch {
      // Another command may have removed some; the next one tries again.
    }
  }

  #path(key: string): string {
    return join(this.#folder, `${key}.json`);
  }
}

/** All that a job reads from files. @returns null: it has plugins, whose modules may import anything */
async function contentOf({ config: configPath, policies, parameters }: SimulationJob): Promise<unknown> {
  if (policies === null || policies === 'oracle') {
    const { config } = await loadHostSetup(configPath);
    return config.plugins.length > 0 ? null : { config, policies };
  }
  const { config, policies: loaded } = await loadSetup({ configPath, policies, parameters });
  if (config.plugins.length > 0) return null;
  const { parametersFile } = config.policy;
  const written = parametersFile === null ? null : await readFile(parametersFile, 'utf8').catch(() => null);
  return { config, sources: loaded.sources.map(({ text }) => text), parameters, written };
}

function digest(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Of the code that simulates: the files of the build, or in a checkout its sources. */
async function codeDigest(): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url));
  const isBuild = basename(here) === 'dist';
  const root = isBuild ? here : join(here, '..', '..');
  const folders = isBuild ? [''] : ['src', 'collectors', 'controllers', 'guards'];
  const hash = createHash('sha256');
  for (const folder of folders) {
    const names = await readdir(join(root, folder), { recursive: true });
    for (const name of names.filter((each) => /\.[jt]s$/.test(each)).toSorted())
      hash.update(name).update(await readFile(join(root, folder, name)));
  }
  return hash.digest('hex');
}
