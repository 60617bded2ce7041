import { Option } from 'commander';
import { configOption } from '../options.ts';

/** `--config` and `--socket`: which daemon a command asks. */
export function daemonOptions(
  config = 'the config of the daemon; needed only if it sets runtime_dir',
): readonly Option[] {
  return [
    configOption(config),
    new Option('--socket <path>', 'a socket of the daemon, or the directory with both; default: /run/ballast'),
  ];
}
