// What must not leave the daemon with an answer or a report: passwords and tokens, which plugins may have in their settings and URIs in
// their text.

export const REMOVED = '(removed)';

const SECRET_KEY =
  /^pass$|pass(?:word|wd|phrase|_?code)|secret|token|credential|api[_-]?key|private|access[_-]?key|auth(?!or)|bearer|cookie|signature|^pw$|^pin$|salt/i;
/** Whose address is the secret. */
const SECRET_ADDRESS = /webhook/i;

/** The same plain data without the values of keys that sound like secrets, and without what {@link withoutSecrets} removes from texts. */
export function redacted(value: unknown, key = ''): unknown {
  if (SECRET_KEY.test(key) && value !== null && typeof value !== 'boolean') return REMOVED;
  if (typeof value === 'string') return SECRET_ADDRESS.test(key) ? REMOVED : withoutSecrets(value);
  if (Array.isArray(value)) return value.map((item) => redacted(item, key));
  if (typeof value !== 'object' || value === null) return value;
  // A named thing, as in `{name: api_token, value: …}`.
  const name = namedIn(value);
  return Object.fromEntries(
    Object.entries(value).map(([inner, item]) => [
      withoutSecrets(inner),
      name !== null && SECRET_KEY.test(name) && /^(?:value|given)$/.test(inner) ? REMOVED : redacted(item, inner),
    ]),
  );
}

function namedIn(value: object): string | null {
  const { name, key } = value as { readonly name?: unknown; readonly key?: unknown };
  return typeof name === 'string' ? name : typeof key === 'string' ? key : null;
}

const USER_INFO = /([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@?#]{1,512}@/gi;
const ASSIGNED =
  /((?:pass(?:word|wd|phrase)?|secret|token|credentials?|api[_-]?key|access[_-]?key|authorization|bearer|cookie|sig|signature)["']?\s{0,4}[=:]\s{0,4})(?:(?:bearer|basic)\s{1,4})?("[^"\n]{1,4096}"?|'[^'\n]{1,4096}'?|[^\s&"',;)}\]]{1,4096})/gi;
const BEARER = /\b(bearer\s{1,4})[\w+/=.~-]{8,4096}/gi;
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g;

/** The same text without user information in URIs, and without values after words like `password=`. */
export function withoutSecrets(text: string): string {
  return text
    .replace(PRIVATE_KEY, REMOVED)
    .replace(USER_INFO, `$1${REMOVED}@`)
    .replace(BEARER, `$1${REMOVED}`)
    .replace(ASSIGNED, `$1${REMOVED}`);
}
