import type { GuestRef } from '../model/control.ts';

/** The agent that runs in a guest (qemu-ga). What it says is what the guest wants to say. */
export interface GuestAgent {
  /**
   * Reads a text file of a guest, of at most 64 KiB.
   * @throws HypervisorError; Error with a message for a reply that is none
   */
  readFile(guest: GuestRef, path: string, signal: AbortSignal): Promise<string>;
}
