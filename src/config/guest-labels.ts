import { matchesPattern } from '../model/guest-pattern.ts';
import { labelsIn, labelText, type Labeller } from '../model/labels.ts';
import type { LabelRule } from './model.ts';

/** Guests whose labels are remembered: many more than a host has, and few enough for a daemon that sees new names for years. */
const REMEMBERED = 20_000;

/** The labels that the config gives by name, added to a guest's own: those of all rules that match count. */
export function labellerOf(rules: readonly LabelRule[]): Labeller {
  if (rules.length === 0) return (_, own) => own;
  // Asked for every guest in every interval, and the patterns of a large site are many.
  const known = new Map<string, string>();
  return (guestName, own) => {
    const key = `${own}\0${guestName}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const matching = rules.filter(({ match }) => matchesPattern(match, guestName));
    const text = labelText([...labelsIn(own), ...matching.flatMap(({ labels }) => labels)]);
    if (known.size >= REMEMBERED) known.clear();
    known.set(key, text);
    return text;
  };
}
