import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { close, listen } from '../../../viewer/src/listening';

const started: Server[] = [];
/**
 * Occupies a port, like the server of another program. Resolves with the port, or with undefined if the address does
 * not exist.
 */
const occupy = (host: string, port = 0): Promise<number | undefined> =>
  new Promise(resolve => {
    const server = createTcpServer();
    started.push(server);
    server
      .once('error', () => {
        resolve(undefined);
      })
      .listen({ host, port }, () => {
        resolve((server.address() as AddressInfo).port);
      });
  });
afterEach(() => {
  for (const server of started.splice(0)) server.close();
});

const greeting = () => createServer((_, response) => response.end('hello'));
const answer = async (url: string): Promise<string> => (await fetch(url)).text();

let hasIpv6: boolean;
beforeAll(async () => {
  hasIpv6 = (await occupy('::1')) !== undefined;
});

test('a program reaches the server on both loopback addresses, because localhost can be either', async () => {
  const server = greeting();
  const url = await listen(server);
  const { port } = new URL(url);
  expect(url).toBe(`http://127.0.0.1:${port}`);
  const hosts = ['127.0.0.1', 'localhost', ...(hasIpv6 ? ['[::1]'] : [])];
  for (const host of hosts) expect([host, await answer(`http://${host}:${port}`)]).toEqual([host, 'hello']);
  await close(server);
  for (const host of hosts) await expect(answer(`http://${host}:${port}`)).rejects.toThrow('fetch failed');
});

test('a port that another program uses on either loopback address counts as in use', async () => {
  for (const host of hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']) {
    const server = greeting();
    await expect(listen(server, await occupy(host))).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect([host, server.listening]).toEqual([host, false]);
  }
});

test('after a port that is in use, the same server can take a free one', async () => {
  const server = greeting();
  await expect(listen(server, await occupy(hasIpv6 ? '::1' : '127.0.0.1'))).rejects.toThrow();
  expect(await answer(await listen(server))).toBe('hello');
  await close(server);
});

test('connections that stay open do not delay the end, on either address', async () => {
  const server = greeting();
  const { port } = new URL(await listen(server));
  const agent = new Agent({ keepAlive: true });
  const closed: Promise<unknown>[] = [];
  for (const host of hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']) {
    const request = get({ host, port, agent });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    closed.push(once(response.socket, 'close'));
    await once(response.resume(), 'end');
  }
  await close(server);
  await Promise.all(closed);
  agent.destroy();
});

test('a connection that cannot be accepted does not end the process', async () => {
  const server = greeting();
  await listen(server);
  expect(() => server.emit('error', new Error('accept EMFILE'))).not.toThrow();
  await close(server);
});
