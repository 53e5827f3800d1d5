import type { IncomingHttpHeaders } from 'node:http';

/**
 * Returns true if a request comes from the page or from a program such as curl. Returns false for other websites in the user's
 * browser. Such websites can send requests to local ports, either directly or by DNS rebinding.
 */
export function isSameOrigin({ host = '', origin }: IncomingHttpHeaders, port: string): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
  return hosts.includes(host) && (origin === undefined || origin === `http://${host}`);
}
