import { Option } from 'commander';
import { configOption } from '../options.ts';

/** `--config` and `--socket`: which daemon a command asks. */
export function daemonOptions(): readonly Option[] {
  return [
    configOption('the config that the daemon runs with, for its runtime_dir'),
    new Option('--socket <path>', 'its status.sock or control.sock; default: in /run/ballast'),
  ];
}
