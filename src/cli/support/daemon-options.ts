import { Option } from 'commander';
import { configOption } from '../options.ts';

/** `--config` and `--socket`: which daemon a command asks. */
export function daemonOptions(): readonly Option[] {
  return [
    configOption('the config of the daemon; needed only if it sets runtime_dir'),
    new Option('--socket <path>', 'a socket of the daemon, or the directory with both; default: /run/ballast'),
  ];
}
