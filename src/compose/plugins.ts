import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { collectors as builtinCollectors } from '../../collectors/index.ts';
import { controllers as builtinControllers } from '../../controllers/index.ts';
import type { Collector } from '../plugin/collector.ts';
import type { Controller } from '../plugin/controller.ts';
import type { Plugins } from '../plugin/plugins.ts';
import { NameClash, vocabularyOf } from '../plugin/vocabulary.ts';
import { SetupError } from './setup-error.ts';

/** A plugin that the config names and that cannot be had. Nothing starts without it: half a daemon is worse than none. */
export class PluginError extends SetupError {}

export interface PluginChoice {
  /** Names of the built-in ones to use; null: all of them. */
  readonly collectors: readonly string[] | null;
  readonly controllers: readonly string[] | null;
  /** Modules of the site, absolute paths. */
  readonly modules: readonly string[];
}

export function builtinPlugins(): Plugins {
  return assemble(builtinCollectors, builtinControllers);
}

/** @throws PluginError */
export async function loadPlugins(choice: PluginChoice): Promise<Plugins> {
  const collectors = pick('collector', builtinCollectors, choice.collectors);
  const controllers = pick('controller', builtinControllers, choice.controllers);
  const site = await Promise.all(choice.modules.map(loadModule));
  return assemble([...collectors, ...site.filter(isCollector)], [...controllers, ...site.filter(isController)]);
}

function assemble(collectors: readonly Collector[], controllers: readonly Controller[]): Plugins {
  try {
    return { collectors, controllers, vocabulary: vocabularyOf(collectors, controllers) };
  } catch (error) {
    if (error instanceof NameClash) throw new PluginError(error.message, { cause: error });
    throw error;
  }
}

function pick<T extends { readonly name: string }>(
  what: string,
  all: readonly T[],
  names: readonly string[] | null,
): readonly T[] {
  if (names === null) return all;
  return names.map((name) => {
    const found = all.find((plugin) => plugin.name === name);
    if (found !== undefined) return found;
    throw new PluginError(`there is no ${what} "${name}"; there are: ${all.map((plugin) => plugin.name).join(', ')}`);
  });
}

async function loadModule(path: string): Promise<Collector | Controller> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as typeof module;
  } catch (error) {
    throw new PluginError(`the plugin ${path} cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
  const plugin = module.default as Partial<Collector & Controller> | undefined;
  if (isCollector(plugin) || isController(plugin)) return plugin;
  throw new PluginError(
    `the plugin ${path} is neither a collector nor a controller: its default export needs name, create, and either ` +
      'scope and fields (a collector) or controls and plan (a controller)',
  );
}

function isCollector(plugin: unknown): plugin is Collector {
  const { name, scope, fields, create } = (plugin ?? {}) as Partial<Collector>;
  return (
    typeof name === 'string' &&
    (scope === 'host' || scope === 'guest') &&
    Array.isArray(fields) &&
    typeof create === 'function'
  );
}

function isController(plugin: unknown): plugin is Controller {
  const { name, controls, plan, create } = (plugin ?? {}) as Partial<Controller>;
  return (
    typeof name === 'string' && Array.isArray(controls) && typeof plan === 'function' && typeof create === 'function'
  );
}
