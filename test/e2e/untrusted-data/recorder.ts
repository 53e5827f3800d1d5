import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Starts a collector that stores the raw bytes of all exports. */
export interface Recorder {
  readonly url: string;
  /** Request bodies, by path. */
  readonly bodies: Readonly<Record<string, readonly Buffer[]>>;
  close(): Promise<void>;
}

export async function startRecorder(): Promise<Recorder> {
  const bodies: Record<string, Buffer[]> = {};
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      (bodies[request.url ?? ''] ??= []).push(Buffer.concat(chunks));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    close: () =>
      new Promise(resolve => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
