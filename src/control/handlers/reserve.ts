import { MOST_RESERVATIONS } from '../../daemon/reservations.ts';
import { sizeText } from '../../policy/functions/format.ts';
import type { RouteAnswer, RouteInput } from '../api/routes.ts';
import { ApiError } from '../server/api-error.ts';
import { fieldsOf, timeText } from '../views/plain.ts';
import { orNotWritten } from './or-refused.ts';
import type { ControlParts, Note } from './parts.ts';
import { reservationsOf } from './reading.ts';

/** Keeps room on the host for a guest, or changes what is kept for it. @throws ApiError */
export async function reserve(
  name: string,
  { kib, until, client: by }: RouteInput<'reserve'>['body'],
  parts: ControlParts,
  client: string,
  note: Note,
): Promise<RouteAnswer<'reserve'>> {
  const { reservations, environment } = parts.running;
  const untilMs = Date.parse(until);
  const nowMs = environment.clock.now();
  if (untilMs <= nowMs) throw new ApiError(400, `until ${until} is over: it is ${timeText(nowMs)} on this host`);
  const hostKib = hostMemoryKib(parts);
  // A slip of a unit would let the guards shrink all guests to their floors.
  if (hostKib !== null && kib > hostKib)
    throw new ApiError(400, `${sizeText(kib)} is more than the memory of the host, ${sizeText(hostKib)}`);
  const others = await othersThan(parts, name);
  if (others.length >= MOST_RESERVATIONS) throw new ApiError(409, `there are ${MOST_RESERVATIONS} reservations`);
  const added = { name, kib, untilMs, client: by ?? client.replace(/^"(.*)" through control\.sock$/, '$1') };
  await orNotWritten(reservations.path, () => reservations.write([...others, added]));
  note(client, `${sizeText(kib)} reserved for ${name} until ${timeText(untilMs)}`);
  return reservationsOf(parts);
}

/** @throws ApiError */
export async function unreserve(
  name: string,
  parts: ControlParts,
  client: string,
  note: Note,
): Promise<RouteAnswer<'unreserve'>> {
  const { reservations } = parts.running;
  const all = await reservations.read();
  if (!all.some((each) => each.name === name)) throw new ApiError(404, `nothing is reserved for ${name}`);
  const others = await othersThan(parts, name);
  await orNotWritten(reservations.path, () => reservations.write(others));
  note(client, `Nothing is reserved for ${name} any more`);
  return reservationsOf(parts);
}

async function othersThan({ running: { reservations, environment } }: ControlParts, name: string) {
  const nowMs = environment.clock.now();
  return (await reservations.read()).filter((each) => each.name !== name && each.untilMs > nowMs);
}

/** Null: no interval has read it yet. */
function hostMemoryKib({ kept, layouts }: ControlParts): number | null {
  const host = kept.last?.report.snapshot.host ?? null;
  return host === null ? null : fieldsOf(layouts.host, host).number('mem_ordinary');
}
