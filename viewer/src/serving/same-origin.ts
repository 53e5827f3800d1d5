import type { IncomingHttpHeaders } from 'node:http';

/**
 * True for a request from the page or from a program such as curl. False for other websites in the browser of the user,
 * which can send requests to local ports directly or by DNS rebinding.
 */
export function isSameOrigin({ host = '', origin }: IncomingHttpHeaders, port: string): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
  return hosts.includes(host) && (origin === undefined || origin === `http://${host}`);
}
