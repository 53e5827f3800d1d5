import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Range of ports for brokers. Linux, macOS and Windows use higher ports for outgoing connections, so no connection can
 * take a port before the broker starts.
 */
const FIRST = 20_000;
const END = 32_000;

/** Returns different random ports that are free on 127.0.0.1 at the moment. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries++) {
    if (tries === 1000)
      throw new Error(`found fewer than ${count} free ports between ${FIRST} and ${END} on 127.0.0.1`);
    const port = randomInt(FIRST, END);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
