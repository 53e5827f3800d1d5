import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request comes from our own page or from a program, rather than from another site that the browser has open:
 * such a site may send requests to any port of this machine, under its own origin, or under a name that it lets point here.
 */
export function isFromOwnPage({ host = '', origin }: IncomingHttpHeaders, port: string): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  return hosts.includes(host) && (origin === undefined || origin === `http://${host}`);
}
