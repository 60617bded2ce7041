import type { ControlRequest } from '../src/model/control.ts';
import type { Layout, Sample } from '../src/model/field.ts';
import { sizeText } from '../src/policy/index.ts';
import type { GuestView, PolicyInput } from '../src/model/snapshot.ts';

/**
 * The decisions of mom-balloon.policy and mom-ksm.policy, implemented directly in TypeScript: the baseline for the evaluator.
 */
export function decideByHand(input: PolicyInput): ControlRequest[] {
  return [...balloons(input), ...ksm(input)];
}

const POSITION = { file: 'by hand', line: 1, column: 1 };

function request(name: string, value: number, guest: GuestView | null, reason: string): ControlRequest {
  return {
    name,
    guest: guest === null ? null : { name: guest.name, uuid: guest.uuid },
    value,
    reason,
    position: POSITION,
  };
}

function freeAgainst(free: number, comparison: string): string {
  return `free ${percent(free)} ${comparison} ${percent(0.2)}`;
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 1000) / 10}%`;
}

function last(samples: readonly Sample[], layout: Layout, name: string): number {
  return samples[samples.length - 1]![layout.index.get(name)!] as number;
}

function average(samples: readonly Sample[], layout: Layout, name: string): number {
  const at = layout.index.get(name)!;
  let sum = 0;
  let count = 0;
  for (const sample of samples) {
    const value = sample[at];
    if (value === null || value === undefined) continue;
    sum += value as number;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}

function balloons({ host, hostLayout, guests, guestLayout }: PolicyInput): ControlRequest[] {
  const free = average(host.samples, hostLayout, 'mem_allocatable') / last(host.samples, hostLayout, 'mem_ordinary');
  const requests: ControlRequest[] = [];
  for (const guest of guests) {
    const why = freeAgainst(free, free < 0.2 ? '<' : '>=');
    const cur = last(guest.samples, guestLayout, 'balloon_cur');
    const min = last(guest.samples, guestLayout, 'balloon_min');
    const max = last(guest.samples, guestLayout, 'balloon_max');
    const used = average(guest.samples, guestLayout, 'balloon_cur') - average(guest.samples, guestLayout, 'mem_unused');
    let target: number;
    if (free < 0.2) {
      const spare = free <= 0.05 ? free - 0.05 : 0.2 * (free / 0.2);
      target = Math.max(min, used + spare * cur, cur * 0.95);
      if (target > cur) {
        const unused = last(guest.samples, guestLayout, 'mem_unused');
        const usable = guest.samples.at(-1)![guestLayout.index.get('usable')!] as number | null;
        const isLow = unused < 0.02 * cur && (usable === null || usable < 0.02 * cur);
        if (isLow && cur < max) {
          const low = `unused ${percent(unused / cur)} < ${percent(0.02)}`;
          requests.push(request('balloon_target', Math.min(max, target, cur * 1.05), guest, low));
        }
        continue;
      }
    } else {
      if (cur >= max) continue;
      target = Math.min(max, Math.max(min, used + 0.2 * cur, cur * 1.05));
    }
    if (Math.abs(target - cur) > 0.0025 * cur || (target === max && cur < max))
      requests.push(request('balloon_target', target, guest, why));
  }
  return requests;
}

function ksm({ host, hostLayout }: PolicyInput): ControlRequest[] {
  const total = last(host.samples, hostLayout, 'mem_ordinary');
  const free = average(host.samples, hostLayout, 'mem_allocatable');
  const short = 0.2 * total;
  const shareable = last(host.samples, hostLayout, 'ksm_shareable');
  if (free > short && short + shareable < total) return [request('ksm_run', 0, null, freeAgainst(free / total, '>'))];
  const why =
    free <= short
      ? freeAgainst(free / total, '<=')
      : `guests could fill the host: ${sizeText(shareable)} of ${sizeText(total)}`;
  const pages = last(host.samples, hostLayout, 'ksm_pages_to_scan') + (free < short ? 300 : -50);
  return [
    request('ksm_run', 1, null, why),
    request('ksm_sleep_millisecs', Math.max(10, (10 * 16777216) / total), null, why),
    request('ksm_pages_to_scan', Math.max(64, Math.min(1250, pages)), null, why),
  ];
}
