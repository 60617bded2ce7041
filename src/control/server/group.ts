import { readLimited } from '../../support/read-limited.ts';
import { SocketError } from '../../serve/socket-file.ts';

const MOST_BYTES = 1_048_576;

/** The number of a group of this host. @throws SocketError */
export async function groupNumber(group: string, file = '/etc/group'): Promise<number> {
  if (/^[0-9]{1,10}$/.test(group)) return Number(group);
  const text = await readLimited(file, MOST_BYTES, false).then(String, () => '');
  for (const line of text.split('\n')) {
    const [name, , number = ''] = line.split(':');
    if (name === group && /^[0-9]{1,10}$/.test(number)) return Number(number);
  }
  throw new SocketError(`control.group: there is no group ${group} in ${file}; create it, or write its number`);
}
