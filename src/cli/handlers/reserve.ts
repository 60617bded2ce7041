import type { Reservations } from '../../control/api/pauses.ts';
import { escapeControls, escapeJson } from '../../model/text.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { parseSize } from '../../yaml/units.ts';
import { daemonClient, type DaemonChoice } from '../support/daemon-client.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { size as sizeOf } from '../support/units.ts';
import { durationMs } from './pause.ts';

export interface ReserveOptions extends DaemonChoice {
  readonly name?: string | undefined;
  readonly size?: string | undefined;
  readonly for?: string | undefined;
  readonly remove: boolean;
  readonly json: boolean;
}

/** A guest that has not started by then is not about to, milliseconds. */
const USUAL_MS = 600_000;
/** As the daemon takes it. */
const MOST_KIB = 64 * 1024 ** 3;

/** `ballast reserve`. Without a name: lists the reservations. @throws ClientError, OperatorError */
export async function reserve(options: ReserveOptions, io: Io): Promise<number> {
  const { name, size, remove, json } = options;
  if (name === undefined)
    return print(await (await daemonClient(options, 'status', 'reserve', io)).call('reservations'), json, io);
  const client = await daemonClient(options, 'control', 'reserve', io);
  if (remove) {
    if (size !== undefined) throw new OperatorError('--remove takes a name and no size');
    return print(await client.call('unreserve', { params: { name } }), json, io);
  }
  if (size === undefined) throw new OperatorError(`say how much to reserve for ${name}, such as 4GiB; or --remove`);
  const kib = size === '0' ? { value: 0 } : parseSize(size);
  if ('problem' in kib) throw new OperatorError(kib.problem);
  if (kib.value < 1) throw new OperatorError(`there is nothing to reserve; --remove ends the reservation for ${name}`);
  if (kib.value > MOST_KIB) throw new OperatorError(`${size} is more than a reservation can have, 64 TiB`);
  const forMs = options.for === undefined ? USUAL_MS : durationMs(options.for);
  const until = new Date(Date.now() + forMs).toISOString();
  return print(await client.call('reserve', { params: { name }, body: { kib: kib.value, until } }), json, io);
}

function print({ reservations }: Reservations, json: boolean, io: Io): number {
  if (json) io.stdout.write(`${escapeJson(JSON.stringify({ reservations }, null, 2))}\n`);
  else if (reservations.length === 0) io.stdout.write('nothing is reserved\n');
  else
    for (const { name, kib, until, client, expired } of reservations)
      io.stdout.write(
        `${escapeControls(`reserved: ${sizeOf(kib)} for ${name} until ${until}${expired ? ' (over)' : ''}, by ${client}`)}\n`,
      );
  return EXIT.ok;
}
