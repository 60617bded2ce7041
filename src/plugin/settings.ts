/**
 * A plugin's group of keys in the config file, as plain data. The config schema, its messages and the tables of
 * docs/configuration.md are generated from it. Site plugins declare it like built-in ones.
 */
export interface SettingsGroup<Keys extends SettingKeys = SettingKeys> {
  /** The group's name in the config file; no other plugin and no key of the config may have it. */
  readonly key: string;
  /** One sentence for the reference page. */
  readonly doc: string;
  readonly keys: Keys;
}

/** The keys of a group by their names in the file, in the order of the reference page. */
export type SettingKeys = Readonly<Record<string, SettingKey>>;

/** One key and its type of value. Defaults and bounds are written as in the file. */
export type SettingKey = {
  /** Description for the reference page. */
  readonly doc: string;
} & (
  | ({ readonly type: 'size' | 'duration'; readonly default: string } & Bounds)
  | { readonly type: 'ratio'; readonly default: string }
  | { readonly type: 'integer'; readonly default: number; readonly min: number; readonly max: number }
  | { readonly type: 'flag'; readonly default: boolean }
  | { readonly type: 'choice'; readonly default: string; readonly choices: readonly [string, ...string[]] }
);

interface Bounds {
  readonly min: string;
  readonly max: string;
  /** Another duration of the config that this one must not be shorter than: `['libvirt', 'stats_period']`. */
  readonly notShorterThan?: readonly string[];
}

/** The values of a group, by key in the file. Sizes are KiB, durations milliseconds, ratios 0 to 1, choices texts. */
export type SettingsOf<Keys extends SettingKeys> = { readonly [Key in keyof Keys]: SettingValue<Keys[Key]> };

type SettingValue<Key extends SettingKey> = Key extends { readonly type: 'flag' }
  ? boolean
  : Key extends { readonly type: 'choice'; readonly choices: readonly (infer Choice)[] }
    ? Choice
    : number;

/** The values of all groups, by group name in the file. */
export type PluginSettings = Readonly<Record<string, Readonly<Record<string, number | boolean | string>>>>;
