import type { Pauses } from '../../control/api/pauses.ts';
import { escapeControls, escapeJson } from '../../model/text.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { parseDuration } from '../../yaml/units.ts';
import { daemonClient, type DaemonChoice } from '../support/daemon-client.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { pauseLine, SUBJECTS } from './pause-text.ts';

export interface PauseOptions extends DaemonChoice {
  /** `all`, `ksm`, `balloons`, or the name or UUID of a guest. */
  readonly what?: string | undefined;
  /** The name or UUID of a guest, also of one that is called `ksm`. */
  readonly guest?: string | undefined;
  /** A duration; undefined: until it is resumed. */
  readonly for?: string | undefined;
  readonly reason?: string | undefined;
  readonly json: boolean;
}

/** As the daemon takes it. */
const REASON = /^[\x20-\x7e]{1,128}$/;

const PARTS: readonly string[] = ['all', 'ksm', 'balloons'];

/** `ballast pause`. Without a subject: lists the pauses. @throws ClientError, OperatorError */
export async function pause(options: PauseOptions, io: Io): Promise<number> {
  const paused = pausedIn(options);
  const { for: duration, reason, json } = options;
  if (paused === null) {
    if (duration !== undefined || reason !== undefined)
      throw new OperatorError('say what to pause: all, ksm, balloons or a guest');
    return print(await (await daemonClient(options, 'status', 'pause', io)).call('pauses'), json, io);
  }
  if (reason !== undefined && !REASON.test(reason))
    throw new OperatorError('--reason: expected 1 to 128 characters of ASCII, such as letters, digits and spaces');
  const client = await daemonClient(options, 'control', 'pause', io);
  const until = duration === undefined ? undefined : new Date(Date.now() + durationMs(duration)).toISOString();
  return print(await client.call('pause', { body: { ...paused, until, reason } }), json, io);
}

/** `ballast resume`. @throws ClientError, OperatorError */
export async function resume(options: PauseOptions, io: Io): Promise<number> {
  const paused = pausedIn(options);
  if (paused === null)
    throw new OperatorError('say what to resume: all, ksm, balloons or a guest; "ballast pause" lists what is paused');
  const client = await daemonClient(options, 'control', 'resume', io);
  const left = await client.call('resume', { body: paused });
  if (!options.json)
    io.stdout.write(
      `${escapeControls(`resumed: ${paused.what === 'guest' ? `guest ${paused.guest}` : SUBJECTS[paused.what]}`)}\n`,
    );
  return print(left, options.json, io);
}

function pausedIn({ what, guest }: PauseOptions) {
  if (what !== undefined && guest !== undefined) throw new OperatorError(`give ${what} or --guest ${guest}, not both`);
  if (guest !== undefined) return { what: 'guest', guest } as const;
  if (what === undefined) return null;
  return PARTS.includes(what)
    ? { what: what as 'all' | 'ksm' | 'balloons' }
    : ({ what: 'guest', guest: what } as const);
}

/** @throws OperatorError */
export function durationMs(text: string): number {
  const parsed = parseDuration(text);
  if ('problem' in parsed) throw new OperatorError(`--for: ${parsed.problem}`);
  if (parsed.value === 0) throw new OperatorError('--for: the time must be longer than 0');
  return parsed.value;
}

function print(all: Pauses, json: boolean, io: Io): number {
  if (json) io.stdout.write(`${escapeJson(JSON.stringify(all, null, 2))}\n`);
  else if (all.pauses.length === 0) io.stdout.write('nothing is paused\n');
  else for (const each of all.pauses) io.stdout.write(`${escapeControls(`paused: ${pauseLine(each)}`)}\n`);
  if (all.kept) return EXIT.ok;
  io.stderr.write('warning: in effect, but not saved: a restart of the daemon forgets this; its log says why\n');
  return EXIT.problems;
}
