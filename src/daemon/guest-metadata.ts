import { NO_BALLOONING } from '../model/ballooning.ts';
import { matchesPattern } from '../model/guest-pattern.ts';
import { labelsIn } from '../model/labels.ts';
import { pluggedMaximumKib, type GuestLimits } from '../ports/guest-domain.ts';
import type { GuestMetadata, GuestReading } from '../ports/hypervisor.ts';
import { balloonMinFor } from '../config/guest-pattern.ts';
import type { Config, MetadataRules } from '../config/model.ts';

/** A reading without what the guest's metadata may not say. */
export interface Permitted {
  readonly reading: GuestReading;
  /** What was cut, in words with both figures, to follow the guest's name; empty: nothing. */
  readonly cut: readonly string[];
}

/** Labels that a message lists. */
const LABELS_SHOWN = 5;

/** Maximum cached texts of labels: far more than a host has guests. */
const MAX_CACHED = 20_000;

/**
 * Applies the config's rules to what the metadata elements in a guest's domain XML say: whoever may edit the metadata of a
 * guest is not always someone who may take memory from the others. `<min_guarantee>` is no metadata, but the operator's.
 */
export function metadataFilter({
  guestMetadata: rules,
  balloonMin,
}: Pick<Config, 'guestMetadata' | 'balloonMin'>): (reading: GuestReading) => Permitted {
  const splitLabels = labelFilter(rules);
  return (reading) => {
    const { metadata, ovirt, name } = reading;
    if (metadata === null && ovirt === null) return { reading, cut: [] };
    const cut: string[] = [];
    const maximumKib = pluggedMaximumKib(reading) ?? null;
    const configuredKib = balloonMinFor(balloonMin, name) ?? 0;
    const own = metadata && {
      ...ownSwitch(metadata, rules, cut),
      balloonMinKib: boundedMin(metadata, { ...OWN, share: rules.minUpTo, maximumKib, configuredKib }, cut),
      labels: ownLabels(splitLabels(metadata.labels), cut),
    };
    const limits = ovirt && {
      ...ovirtLimits(ovirt, rules, cut),
      ...(rules.ovirt && { balloonMinKib: boundedMin(ovirt, { ...OVIRT, maximumKib, configuredKib }, cut) }),
    };
    return { reading: { ...reading, metadata: own, ovirt: limits }, cut };
  };
}

const OWN = { whose: 'its metadata asks', by: 'guests.metadata.min_up_to permits' } as const;
const OVIRT = { whose: "oVirt's metadata asks", by: 'it gets', share: 1 } as const;

interface MinBounds {
  readonly whose: string;
  readonly by: string;
  /** Of the guest's maximum. */
  readonly share: number;
  /** null: unknown, as of a guest without a balloon. */
  readonly maximumKib: number | null;
  /** The minimum that the config gives the guest, or 0. */
  readonly configuredKib: number;
}

function boundedMin({ balloonMinKib: asked }: GuestLimits, bounds: MinBounds, cut: string[]): number | null {
  const { whose, by, share, maximumKib, configuredKib } = bounds;
  // Without a maximum, the balloon is not moved anyway.
  if (asked === null || maximumKib === null) return null;
  const most = Math.floor(share * maximumKib);
  if (asked <= most) return asked;
  const percentage = `${Math.round(share * 1000) / 10} % of its maximum ${maximumKib}`;
  cut.push(`${whose} for a balloon_min of ${asked}, and ${by} ${most}, ${percentage}`);
  // What is cut does not displace what the operator gives the guest.
  return most > configuredKib ? most : null;
}

function ownSwitch(metadata: GuestMetadata, { ballooningOff }: MetadataRules, cut: string[]): GuestMetadata {
  if (metadata.ballooning !== false || ballooningOff) return metadata;
  cut.push('its metadata switches ballooning off or is invalid, which guests.metadata.ballooning_off does not permit');
  return { ...metadata, ballooning: null };
}

function ovirtLimits(limits: GuestLimits, { ovirt }: MetadataRules, cut: string[]): GuestLimits {
  if (ovirt) return limits;
  const ignored = { balloonMinKib: null, ballooning: null };
  if (limits.balloonMinKib === null && limits.ballooning !== false) return ignored;
  const says = [
    ...(limits.balloonMinKib === null ? [] : [`a balloon_min of ${limits.balloonMinKib}`]),
    ...(limits.ballooning === false ? ['ballooning off'] : []),
  ];
  cut.push(`oVirt's metadata says ${says.join(' and ')}, which guests.metadata.ovirt does not permit`);
  return ignored;
}

interface SplitLabels {
  readonly permitted: string;
  readonly others: readonly string[];
}

function ownLabels({ permitted, others }: SplitLabels, cut: string[]): string {
  if (others.length === 0) return permitted;
  const shown = others.slice(0, LABELS_SHOWN).join(', ');
  const more = others.length > LABELS_SHOWN ? ` and ${others.length - LABELS_SHOWN} more` : '';
  cut.push(`its metadata has labels that guests.metadata.labels does not permit: ${shown}${more}`);
  return permitted;
}

/** @returns splits a text of labels into those that the rules permit and the others */
function labelFilter({ labels, ballooningOff }: MetadataRules): (text: string) => SplitLabels {
  // Called for every guest in every interval, with possibly many labels and patterns.
  const cache = new Map<string, SplitLabels>();
  const isPermitted = (label: string): boolean =>
    label === NO_BALLOONING ? ballooningOff : labels.some((pattern) => matchesPattern(pattern, label));
  return (text) => {
    const cached = cache.get(text);
    if (cached !== undefined) return cached;
    const all = labelsIn(text);
    const split = {
      permitted: all.filter(isPermitted).join(' '),
      others: all.filter((label) => !isPermitted(label)),
    };
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(text, split);
    return split;
  };
}
