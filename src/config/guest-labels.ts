import { matchesPattern } from '../model/guest-pattern.ts';
import { labelsIn, labelText, type Labeller } from '../model/labels.ts';
import type { LabelRule } from './model.ts';

/** Maximum cached guests: far more than a host has, but a bound for a daemon that sees new names for years. */
const MAX_CACHED = 20_000;

/** Adds the labels of all matching rules of the config to a guest's own labels. */
export function labellerOf(rules: readonly LabelRule[]): Labeller {
  if (rules.length === 0) return (_, own) => own;
  // Called for every guest in every interval, with possibly many patterns.
  const cache = new Map<string, string>();
  return (guestName, own) => {
    const key = `${own}\0${guestName}`;
    const cached = cache.get(key);
    if (cached !== undefined) return cached;
    const matching = rules.filter(({ match }) => matchesPattern(match, guestName));
    const text = labelText([...labelsIn(own), ...matching.flatMap(({ labels }) => labels)]);
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(key, text);
    return text;
  };
}
