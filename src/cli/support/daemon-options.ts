import { Option } from 'commander';
import { configOption } from '../options.ts';

/** `--config` and `--socket`: which daemon a command asks. */
export function daemonOptions(config = 'the config that the daemon runs with, for its runtime_dir'): readonly Option[] {
  return [
    configOption(config),
    new Option('--socket <path>', 'its status.sock or control.sock; default: in /run/ballast'),
  ];
}
