import type { Host } from '../ports/host.ts';

const intervals = new WeakMap<AbortSignal, WeakMap<Host, Map<string, Promise<string | null>>>>();

/**
 * The text of a kernel file; null when there is none. Collectors that read the same file in the same interval share one
 * reading, so their figures belong together.
 * @param interval the signal that a collector is given: each interval has its own
 * @throws HostFileError
 */
export function readShared(host: Host, path: string, interval: AbortSignal): Promise<string | null> {
  let hosts = intervals.get(interval);
  if (hosts === undefined) intervals.set(interval, (hosts = new WeakMap()));
  let texts = hosts.get(host);
  if (texts === undefined) hosts.set(host, (texts = new Map()));
  let text = texts.get(path);
  if (text === undefined) texts.set(path, (text = host.readText(path)));
  return text;
}
