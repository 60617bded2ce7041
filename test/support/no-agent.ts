import type { GuestAgent } from '../../src/ports/guest-agent.ts';

/** For tests without a guest agent: its files are empty. */
export const NO_AGENT: GuestAgent = { readFile: async () => '' };
