import { loadConfig as load, settingsGroups } from '../../src/compose/config.ts';
import { parseConfig as parse, type ConfigResult } from '../../src/config/load.ts';
import { configSchema as schemaOf } from '../../src/config/schema.ts';
import type { FileIo } from '../../src/yaml/file-io.ts';

// The config functions, with the built-in plugins.

export { defaultConfig } from '../../src/compose/config.ts';

export const configSchema = schemaOf(settingsGroups());

export const parseConfig = (path: string, text: string): ConfigResult => parse(path, text, settingsGroups());

export const loadConfig = async (path: string, io?: FileIo): Promise<ConfigResult> => (await load(path, io)).result;
