/**
 * A plugin's own group of keys in the config file, as plain data: the config's schema, its messages and the tables of
 * docs/configuration.md are made from it, and a site's plugin writes it as the built-in ones do.
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

/** One key: what kind of value it takes. Defaults and bounds are written as they stand in the file. */
export type SettingKey = {
  /** What it means, for the reference page. */
  readonly doc: string;
} & (
  | ({ readonly type: 'size' | 'duration'; readonly default: string } & Bounds)
  | { readonly type: 'ratio'; readonly default: string }
  | { readonly type: 'integer'; readonly default: number; readonly min: number; readonly max: number }
  | { readonly type: 'flag'; readonly default: boolean }
);

interface Bounds {
  readonly min: string;
  readonly max: string;
  /** A duration elsewhere in the config that this one must not be shorter than: `['libvirt', 'stats_period']`. */
  readonly notShorterThan?: readonly string[];
}

/** What the config says for a group, by the names in the file. Sizes are KiB, durations milliseconds, ratios 0 to 1. */
export type SettingsOf<Keys extends SettingKeys> = {
  readonly [Key in keyof Keys]: Keys[Key]['type'] extends 'flag' ? boolean : number;
};

/** What the config says for all groups, by their names in the file. */
export type PluginSettings = Readonly<Record<string, SettingsOf<SettingKeys>>>;
