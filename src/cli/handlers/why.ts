import { guestLabel } from '../../tooling/explain/label.ts';
import { escapeControls, escapeJson } from '../../model/text.ts';
import { daemonClient, type DaemonChoice } from '../support/daemon-client.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { endOfClock } from '../support/moment.ts';
import { seconds } from '../support/units.ts';

export interface WhyOptions extends DaemonChoice {
  /** A name or UUID; null: the host. */
  readonly guest: string | null;
  readonly at?: string;
  readonly json: boolean;
}

/**
 * `ballast why`: why a guest, or the host, was changed or left alone.
 * @throws ClientError when no daemon answers or no such guest runs; MomentError for an invalid time
 */
export async function showWhy({ guest, at, json, ...choice }: WhyOptions, io: Io): Promise<number> {
  const atMs = at === undefined ? null : endOfClock(at, Date.now());
  const client = await daemonClient(choice, 'status', 'why', io);
  const why = await client.call('why', {
    query: { guest: guest ?? undefined, at: atMs === null ? undefined : new Date(atMs).toISOString() },
  });
  if (json) io.stdout.write(`${escapeJson(JSON.stringify(why, null, 2))}\n`);
  else {
    const when =
      why.time === null
        ? ''
        : `, evaluation of ${why.time}, ${seconds(Math.max(0, (Date.now() - Date.parse(why.time)) / 1000))} ago`;
    const lines = [
      `${guestLabel(why.guest?.name ?? null)}${when}`,
      why.conclusion,
      ...why.facts.map((fact) => `  ${fact}`),
    ];
    io.stdout.write(`${lines.map(escapeControls).join('\n')}\n`);
    if (why.explanation !== null) io.stdout.write(`\n${why.explanation}`);
  }
  return EXIT.ok;
}
