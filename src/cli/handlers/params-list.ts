import { resolve } from 'node:path';
import { withKeptParameters } from '../../compose/kept-parameters.ts';
import { ClientError } from '../../control/client.ts';
import { listParameters as list, type ListedParameter } from '../../parameters/list.ts';
import { escapeControls, escapeJson } from '../../model/text.ts';
import { daemonClient } from '../support/daemon-client.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { parametersSetup } from '../support/policy-setup.ts';
import { table } from '../support/table.ts';

export interface ParamsOptions {
  readonly config: string | null;
  readonly policies: readonly string[];
  readonly json: boolean;
}

/**
 * `ballast params`: lists the parameters that the policies declare. The values are those in effect if a daemon runs with this config
 * (without a config: any daemon), else those of the files, with what a daemon has kept for its next start.
 * @throws SetupError
 */
export async function listParameters({ config, policies, json }: ParamsOptions, io: Io): Promise<number> {
  const running = policies.length > 0 ? null : await inEffect(config, io);
  // The daemon knows the policies that are in effect, which no option names.
  const inFiles = config === null && running !== null ? null : await ofFiles(config, policies, io);
  const listed = running?.parameters ?? inFiles ?? [];
  if (json) io.stdout.write(`${escapeJson(JSON.stringify(listed, null, 2))}\n`);
  else io.stdout.write(listed.length === 0 ? 'the policies declare no parameters\n' : render(listed));
  if (running === null) return EXIT.ok;
  if (!json) io.stdout.write(`\nin effect in the running daemon, process ${running.pid}\n`);
  for (const name of differing(running.parameters, inFiles ?? running.parameters))
    io.stderr.write(
      `warning: ${escapeControls(name)}: the files say otherwise, and will be in effect after a reload\n`,
    );
  return EXIT.ok;
}

async function ofFiles(
  config: string | null,
  policies: readonly string[],
  io: Io,
): Promise<readonly ListedParameter[]> {
  const setup = await parametersSetup({ configPath: config, policies }, io);
  io.stderr.write(setup.warnings);
  const parameters =
    policies.length > 0
      ? setup.parameters
      : await withKeptParameters(setup.parameters, setup.config, io.userRuntime, (line) =>
          io.stderr.write(`warning: ${line}\n`),
        );
  return list(setup.policies.program, parameters);
}

interface InEffect {
  readonly pid: number;
  readonly parameters: readonly ListedParameter[];
}

/** @returns null: no daemon answers, or it runs with another config */
async function inEffect(config: string | null, io: Io): Promise<InEffect | null> {
  try {
    const client = await daemonClient(config === null ? {} : { config }, 'status', 'params', io);
    if (config !== null && (await client.call('config')).path !== resolve(config)) return null;
    const [{ pid }, { parameters }] = await Promise.all([client.call('version'), client.call('parameters')]);
    return { pid, parameters };
  } catch (error) {
    if (error instanceof ClientError) return null;
    throw error;
  }
}

/** Names of parameters whose values in the files are not those in effect. */
function differing(running: readonly ListedParameter[], inFiles: readonly ListedParameter[]): readonly string[] {
  const values = ({ value, overrides }: ListedParameter): string =>
    JSON.stringify([value, overrides.map(({ label, guests, value: own }) => [label, guests, own])]);
  const before = new Map(running.map((param) => [param.name, values(param)]));
  const after = new Map(inFiles.map((param) => [param.name, values(param)]));
  return [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name));
}

function render(listed: readonly ListedParameter[]): string {
  const rows = listed.flatMap((param) => [
    [param.name, param.value, param.default, range(param), param.from],
    ...param.overrides.map(({ label, guests, value, from }) => [
      label === undefined ? `  guests ${guests}` : `  label ${label}`,
      value,
      '',
      '',
      from,
    ]),
  ]);
  const columns = ['parameter', 'value', 'default', 'range', 'from'].map((title) => ({
    title,
    align: 'left' as const,
  }));
  const documented = listed.filter(({ doc }) => doc !== null);
  const docs = documented.map(({ name, doc }) => `${name}: ${escapeControls(doc ?? '')}\n`);
  return `${table(
    columns,
    rows.map((row) => row.map(escapeControls)),
  )}${docs.length > 0 ? '\n' : ''}${docs.join('')}`;
}

function range({ min, max, one_of: choices }: ListedParameter): string {
  if (choices !== null) return choices.map((choice) => JSON.stringify(choice)).join(', ');
  if (min === null) return max === null ? '' : `at most ${max}`;
  return max === null ? `at least ${min}` : `${min} to ${max}`;
}
