/** Put in by the build; a checkout runs without it. */
declare const BALLAST_VERSION: string | undefined;

export const VERSION = typeof BALLAST_VERSION === 'string' ? BALLAST_VERSION : '0.1.0 (checkout)';
