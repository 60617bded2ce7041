import { access, constants } from 'node:fs/promises';
import { examine } from '../../compose/doctor.ts';
import { loadHostSetup } from '../../compose/setup.ts';
import { jsonReport, textReport } from '../../doctor/report.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { hostHolder, told } from '../support/locks.ts';

export interface DoctorOptions {
  readonly config: string | null;
  readonly json: boolean;
}

/** Of the service that the Debian package installs. */
const SERVICE_CONFIG = '/etc/ballast/ballast.yaml';

/** Not everything could be checked, and what could be is in order. */
const CANNOT_TELL = 2;

/**
 * `ballast doctor`: what hinders overcommit on this host. Changes nothing.
 * @throws SetupError
 */
export async function examineHost({ config: given, json }: DoctorOptions, io: Io, stop: AbortSignal): Promise<number> {
  const path = given ?? ((await isReadable(SERVICE_CONFIG)) ? SERVICE_CONFIG : null);
  const { config } = await loadHostSetup(path);
  const holder = await hostHolder(config, io.userRuntime);
  const daemon = holder === null ? null : told(holder);
  const diagnosis = await examine({ config, userRuntime: io.userRuntime, daemon }, stop);
  io.stdout.write(json ? jsonReport(diagnosis) : textReport(diagnosis));
  const has = (wanted: string): boolean => diagnosis.findings.some(({ severity }) => severity === wanted);
  return has('hindrance') ? EXIT.problems : has('unknown') ? CANNOT_TELL : EXIT.ok;
}

function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
