import { ClientError, type ControlClient } from '../../control/client.ts';
import { NO_FILES, type ConfiguredFiles } from './configured.ts';
import { checkedCall } from '../support/checked-call.ts';
import { plainName, type Archive } from './archive.ts';
import { redacted } from '../../support/secrets.ts';
import { endOf, startOf, type Window } from './window.ts';

/** What the running daemon can tell: null: there is none. */
export interface FromDaemon {
  readonly files: ConfiguredFiles;
  readonly configPath: string | null;
}

const PAGE = 1000;

/** Adds what the running daemon remembers. One that does not answer is missing, and not asked again. */
export async function addDaemon(archive: Archive, client: ControlClient, window: Window): Promise<FromDaemon | null> {
  const source = 'the running daemon';
  const since = new Date(startOf(window)).toISOString();
  const until = new Date(endOf(window)).toISOString();
  try {
    archive.addJson('daemon/version.json', await checkedCall(client, 'version'), source);
    const status = await checkedCall(client, 'status');
    archive.addJson('daemon/status.json', redacted(status), source, 'as it is now');
    archive.addJson('daemon/guests.json', await checkedCall(client, 'guests'), source, 'as they are now');
    const decisions = await checkedCall(client, 'decisions', { query: { since, until, limit: PAGE } });
    archive.addJson('daemon/decisions.json', decisions, source, partOf(decisions, since));
    const holds = await checkedCall(client, 'holds', { query: { since, limit: PAGE } });
    archive.addJson('daemon/holds.json', holds, source, partOf(holds, since));
    archive.addJson('daemon/pauses.json', await checkedCall(client, 'pauses'), source, 'as they are now');
    archive.addJson('daemon/reservations.json', await checkedCall(client, 'reservations'), source, 'as they are now');
    archive.addJson('daemon/parameters.json', await checkedCall(client, 'parameters'), source, 'as they are now');
    const policy = await checkedCall(client, 'policy');
    for (const [at, { name, text }] of policy.files.entries())
      if (text !== null) archive.add(`policy/${at + 1}-${plainName(name.split('/').at(-1)!)}`, text, `${name}, in effect now`); // prettier-ignore
    const { path, config } = await checkedCall(client, 'config');
    archive.addJson('daemon/config.json', redacted(config), source, 'without secrets, in base units');
    return { configPath: path, files: { ...NO_FILES, ...namedIn(config), recording: status.recording } };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    archive.miss('daemon/', error.message.split('\n')[0]!);
    return null;
  }
}

function partOf(
  { complete_since: since, more }: { readonly complete_since: string | null; readonly more: boolean },
  from: string,
): string | null {
  if (more) return `only the last ${PAGE}`;
  return since !== null && since <= from ? null : `the daemon remembers them since ${since ?? 'no interval yet'}`;
}

function namedIn(config: Readonly<Record<string, unknown>>): Pick<ConfiguredFiles, 'log'> {
  const { file } = (config['log'] ?? {}) as { readonly file?: unknown };
  return { log: typeof file === 'string' ? file : null };
}
