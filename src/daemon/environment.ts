import type { Props } from '../model/snapshot.ts';
import type { Clock } from '../ports/clock.ts';
import type { Host } from '../ports/host.ts';
import type { Hypervisor } from '../ports/hypervisor.ts';

/** The outside world as the daemon reads and changes it. */
export interface Environment {
  readonly host: Host;
  readonly hypervisor: Hypervisor;
  readonly clock: Clock;
  readonly hostProps: Props;
  /** The user's `XDG_RUNTIME_DIR`. */
  readonly userRuntime?: string | undefined;
}
