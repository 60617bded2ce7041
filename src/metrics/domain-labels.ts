import type { GuestRef } from '../model/control.ts';

/** libvirt has no limit for names; QEMU's names of files end at 255 bytes. */
const LONGEST = 255;

/**
 * Half a surrogate pair, left by the cut or sent by libvirt, is not UTF-8. Control characters would reach the terminal of whoever
 * looks at the page; the format itself escapes line breaks.
 */
const UNFIT = /(?!\n)[\p{Surrogate}\p{Cc}]/gu;

/**
 * The label `domain` of each guest, by uuid: its name as the libvirt exporters have it. Unique, because one series that is there
 * twice makes Prometheus reject all of them: of two names that are the same, or the same after they were cut, the later gets
 * its uuid added.
 */
export function domainLabels(guests: readonly GuestRef[]): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  const taken = new Set<string>();
  for (const { name, uuid } of guests) {
    if (labels.has(uuid)) continue;
    let label = name.slice(0, LONGEST).replaceAll(UNFIT, '\ufffd');
    while (taken.has(label)) label = `${label} ${uuid}`;
    taken.add(label);
    labels.set(uuid, label);
  }
  return labels;
}
