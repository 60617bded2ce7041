import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { collectors as builtinCollectors } from '../../collectors/index.ts';
import { guards as builtinGuards } from '../../guards/index.ts';
import { controllers as builtinControllers } from '../../controllers/index.ts';
import type { Collector } from '../plugin/collector.ts';
import type { Controller } from '../plugin/controller.ts';
import type { Plugins } from '../plugin/plugins.ts';
import type { Guard } from '../plugin/guard.ts';
import { suggest } from '../support/suggest.ts';
import { NameClash } from './unique-names.ts';
import { vocabularyOf } from './policy-names.ts';
import { SetupError } from './setup-error.ts';

/** A configured plugin is unknown, invalid or cannot be loaded. The daemon does not start without it. */
export class PluginError extends SetupError {}

/** A name in the config that no built-in plugin has. */
export class UnknownPlugin extends PluginError {
  /** The key of its list in the config. */
  readonly key: 'collectors' | 'controllers';
  readonly index: number;

  constructor(key: UnknownPlugin['key'], index: number, message: string) {
    super(message);
    this.key = key;
    this.index = index;
  }
}

/** One plugin of any kind. */
export type Plugin = Collector | Guard | Controller;

export interface PluginChoice {
  /** Names of the built-in plugins to use; null: those that need not be listed, as does the name `default`. */
  readonly collectors: readonly string[] | null;
  readonly controllers: readonly string[] | null;
  /** Site plugins, used in addition. */
  readonly site: readonly Plugin[];
}

/** All built-in plugins, those too that a config must list. */
export function builtinPlugins(): Plugins {
  return assemble({ collectors: names(builtinCollectors), controllers: names(builtinControllers), site: [] });
}

/** The plugins of a config that lists none. */
export function usualPlugins(): Plugins {
  return assemble({ collectors: null, controllers: null, site: [] });
}

/** @throws PluginError */
export function assemble({ collectors, controllers, site }: PluginChoice): Plugins {
  const all: Omit<Plugins, 'vocabulary'> = {
    collectors: [...pick('collector', builtinCollectors, collectors), ...site.filter(isCollector)],
    // Built-in guards cannot be disabled by the config: they are safety rules.
    guards: [...builtinGuards, ...site.filter(isGuard)],
    controllers: [...pick('controller', builtinControllers, controllers), ...site.filter(isController)],
  };
  return withoutClash(() => ({ ...all, vocabulary: vocabularyOf(all) }));
}

/** All plugins that can have settings: all built-in ones, enabled or not, and the site plugins. */
export function allPlugins(site: readonly Plugin[]): readonly Plugin[] {
  return [...builtinCollectors, ...builtinGuards, ...builtinControllers, ...site];
}

/** Rethrows a NameClash as a PluginError. @throws PluginError */
export function withoutClash<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof NameClash) throw new PluginError(error.message, { cause: error });
    throw error;
  }
}

function pick<T extends { readonly name: string; readonly optIn?: true }>(
  kind: 'collector' | 'controller',
  all: readonly T[],
  chosen: readonly string[] | null,
): readonly T[] {
  const usual = all.filter(({ optIn }) => optIn !== true);
  if (chosen === null) return usual;
  const found = chosen.flatMap((name, index) => {
    if (name === DEFAULT) return usual;
    const plugin = all.find((each) => each.name === name);
    if (plugin !== undefined) return [plugin];
    const known = [DEFAULT, ...names(all)];
    const close = suggest(name, known);
    const cure = close === null ? `there are: ${known.join(', ')}` : `did you mean "${close}"?`;
    throw new UnknownPlugin(`${kind}s`, index, `there is no ${kind} "${name}"; ${cure}`);
  });
  return [...new Set(found)];
}

/** In a list of names: all built-in plugins that need not be listed. */
const DEFAULT = 'default';

const names = (plugins: readonly { readonly name: string }[]): readonly string[] => plugins.map(({ name }) => name);

/** Loads site plugins. @param paths absolute paths @throws PluginError */
export function loadModules(paths: readonly string[]): Promise<readonly Plugin[]> {
  return Promise.all(paths.map(loadModule));
}

async function loadModule(path: string): Promise<Plugin> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as typeof module;
  } catch (error) {
    throw new PluginError(`the plugin ${path} cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
  const plugin = module.default;
  if (isCollector(plugin) || isGuard(plugin) || isController(plugin)) return plugin;
  throw new PluginError(
    `the plugin ${path} is no collector, guard or controller: its default export needs a name, and scope, fields and ` +
      'create (a collector), doc and relieve, beforePlan or afterPlan (a guard), or controls, plan, describe and create (a controller)',
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

function isGuard(plugin: unknown): plugin is Guard {
  const { name, doc, relieve, beforePlan, afterPlan } = (plugin ?? {}) as Partial<Guard>;
  const rules = [relieve, beforePlan, afterPlan].filter((rule) => rule !== undefined);
  return (
    typeof name === 'string' &&
    typeof doc === 'string' &&
    rules.length > 0 &&
    rules.every((rule) => typeof rule === 'function')
  );
}

function isController(plugin: unknown): plugin is Controller {
  const { name, controls, plan, describe, create } = (plugin ?? {}) as Partial<Controller>;
  return (
    typeof name === 'string' &&
    Array.isArray(controls) &&
    [plan, describe, create].every((method) => typeof method === 'function')
  );
}
