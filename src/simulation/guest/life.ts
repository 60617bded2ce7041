import { GUEST } from '../constants.ts';
import type { GuestSpec } from '../scenario/model.ts';

export type LifeState = 'off' | 'booting' | 'running' | 'migrating' | 'ended';

/** When a guest starts, boots again, leaves and ends. */
export class Life {
  readonly #spec: GuestSpec['life'];
  readonly #boots: boolean;
  #reboots: readonly number[];
  #bootS: number;
  state: LifeState = 'off';

  /** @param boots whether it boots when it starts: otherwise it has been running for a while */
  constructor(spec: GuestSpec['life'], boots = true) {
    this.#spec = spec;
    this.#boots = boots;
    this.#reboots = spec.rebootsS.toSorted((a, b) => a - b).filter((atS) => atS > spec.startS);
    this.#bootS = spec.startS;
  }

  /** When its kernel last began to boot, seconds. */
  get bootedS(): number {
    return this.#bootS;
  }

  get isRunning(): boolean {
    return this.state !== 'off' && this.state !== 'ended';
  }

  /** @returns what happened in this second */
  at(nowS: number): 'started' | 'rebooted' | 'ended' | null {
    const { startS, stopS, migrateS, migrationS } = this.#spec;
    if (this.state === 'ended' || nowS < startS) return null;
    if (this.state === 'off') {
      this.state = this.#boots ? 'booting' : 'running';
      return 'started';
    }
    const leavesS = migrateS > 0 ? migrateS + migrationS : Infinity;
    if ((stopS > 0 && nowS >= stopS) || nowS >= leavesS) {
      this.state = 'ended';
      return 'ended';
    }
    if (this.#reboots.length > 0 && nowS >= this.#reboots[0]!) {
      this.#reboots = this.#reboots.slice(1);
      this.#bootS = nowS;
      this.state = 'booting';
      return 'rebooted';
    }
    if (this.state === 'booting' && nowS >= this.#bootS + GUEST.bootS) this.state = 'running';
    if (this.state === 'running' && migrateS > 0 && nowS >= migrateS) this.state = 'migrating';
    return null;
  }

  /** Its process on the host was killed. */
  kill(): void {
    this.state = 'ended';
  }
}
