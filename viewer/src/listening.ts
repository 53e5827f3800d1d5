import type { Server } from 'node:http';
import { createServer, type AddressInfo, type Server as TcpServer } from 'node:net';

/** Each server listens on 127.0.0.1. A second server on ::1 passes its connections to the first. */
const ipv6Servers = new WeakMap<Server, TcpServer>();
const MAX_FREE_PORTS = 20;
/** The same options as for the sockets of an HTTP server. */
const SOCKETS = { allowHalfOpen: true, noDelay: true };

/**
 * Starts a server that only this machine can reach, on 127.0.0.1 and, if available, on ::1, because exporters may
 * resolve `localhost` to either of these addresses. Port 0 uses any port that is free on both.
 *
 * @returns the URL of the server
 */
export async function listen(server: Server, port = 0): Promise<string> {
  for (let attempts = 1; ; attempts++) {
    await open(server, port, '127.0.0.1');
    const used = (server.address() as AddressInfo).port;
    const onIpv6 = createServer(SOCKETS, socket => server.emit('connection', socket));
    try {
      await open(onIpv6, used, '::1');
      ipv6Servers.set(server, onIpv6);
    } catch (error) {
      if (codeOf(error) === 'EADDRINUSE') {
        await close(server);
        if (port === 0 && attempts < MAX_FREE_PORTS) continue;
        throw error;
      }
      // This machine has no IPv6, so no program can connect to ::1.
    }
    // From now on, an error means that a connection could not be accepted, for example because too many files are open.
    // Such an error must not end the viewer and the programs that it runs.
    for (const each of [server, onIpv6]) each.on('error', () => undefined);
    return `http://127.0.0.1:${used}`;
  }
}

function open(server: TcpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

export function close(server: Server): Promise<void> {
  ipv6Servers.get(server)?.close();
  return new Promise(resolve => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
