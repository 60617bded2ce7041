/** Debian's Chromium. */
export const CHROMIUM = '/usr/bin/chromium';

/** Without these, it asks hosts of its maker, and waits for a GPU. */
export const CHROMIUM_FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']; // prettier-ignore
