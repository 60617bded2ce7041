import { request } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { RunCommands } from '../../src/cli/handlers/run-commands.ts';
import { SetupError } from '../../src/compose/setup-error.ts';
import { openControl } from '../../src/compose/control.ts';
import { withKeptParameters } from '../../src/compose/kept-parameters.ts';
import { ControlClient } from '../../src/control/client.ts';
import { runningDaemon, type SharedHost } from './running-daemon.ts';

type Rest = Parameters<typeof runningDaemon> extends [unknown, unknown, ...infer Others] ? Others : never;

/** A running daemon with its sockets in `run` of a folder. */
export async function controlDaemon(folder: string, host: SharedHost, policy: string, ...[changes, ...rest]: Rest) {
  const runtimeDir = join(folder, 'run');
  const running = await runningDaemon(host, policy, { runtimeDir, stateDir: runtimeDir, ...changes }, ...rest);
  const { controlled, first, plugins, log, config, daemon } = running;
  const parameters = await withKeptParameters(first.parameters, config, undefined, () => undefined);
  daemon.reload({ ...first, parameters });
  const commands = new RunCommands({
    ...{
      first,
      plugins,
      daemon,
      running: controlled.running,
      log,
      userRuntime: undefined,
      observeOnly: false,
      notices: null,
    },
    choice: { configPath: null, policies: [] },
    locks: { follow: async () => undefined },
    load: async () => {
      throw new SetupError('the config of a test cannot be read again');
    },
  });
  const server = await openControl(controlled, plugins, {
    ...{ version: '0.0.0', pid: 1, configPath: null, recordsOnly: false, commands, log: log.of },
  });
  onTestFinished(async () => server?.close());
  const sockets = { status: join(runtimeDir, 'status.sock'), control: join(runtimeDir, 'control.sock') };
  const client = new ControlClient({ socket: sockets.control, name: 'test' });
  return { ...running, server, sockets, client, commands };
}

export interface RawAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

/** Sends a request and returns what came back, whatever it is. */
export function send(socketPath: string, method: string, path: string, body?: string | Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request({ socketPath, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode = 0, headers: got } = response;
        resolve({ status: statusCode, type: String(got['content-type']), body: text === '' ? null : JSON.parse(text) });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
