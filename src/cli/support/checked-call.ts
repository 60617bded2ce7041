import { ROUTES, type RouteAnswer, type RouteName } from '../../control/api/routes.ts';
import { ClientError, type ControlClient } from '../../control/client.ts';

/**
 * Asks a daemon, and checks the answer: a daemon may be of another version than this command, after an upgrade for example.
 * @throws ClientError
 */
export async function checkedCall<Name extends RouteName>(
  client: Pick<ControlClient, 'call'>,
  name: Name,
  input: Parameters<typeof client.call<Name>>[1] = {},
): Promise<RouteAnswer<Name>> {
  const answer = await client.call(name, input);
  const checked = ROUTES[name].answer.safeParse(answer);
  if (checked.success) return checked.data as RouteAnswer<Name>;
  throw new ClientError(
    'the answer of the daemon is not understood: use the same version of this command as of the daemon',
  );
}
