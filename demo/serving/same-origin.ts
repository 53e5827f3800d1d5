import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request comes from the page itself or from a program, and not from another website in the same browser. A website
 * can send requests to local ports, from its own origin or by DNS rebinding.
 */
export function isSameOrigin({ host = '', origin }: IncomingHttpHeaders, port: string): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  return hosts.includes(host) && (origin === undefined || origin === `http://${host}`);
}
