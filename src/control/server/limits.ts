import { HTTP_LIMITS } from '../../serve/bounded-http.ts';

/** Bounds on the clients of the control sockets and of MOM's verbs. */
export const LIMITS = {
  ...HTTP_LIMITS,
  /** Connections of one socket; more are closed at once. */
  connections: { read: 256, change: 32 },
  /** Requests that wait for their turn. */
  turns: 32,
  /** Between requests that take work, as a multiple of their time: reading takes a quarter of the thread at most. */
  restShare: 3,
};
