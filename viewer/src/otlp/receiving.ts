import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { decodeMetrics, decodeTraces, type ReceivedMetric, type ReceivedSpan } from './decode';

/** Functions that receive the decoded data. */
export interface Receiver {
  spans(received: readonly ReceivedSpan[]): void;
  metrics(received: readonly ReceivedMetric[]): void;
}

/** Creates an OTLP/HTTP server for traces and metrics in JSON. */
export function receivingServer(receiver: Receiver): Server {
  return createServer((request, response) => {
    receive(request, response, receiver).catch((error: unknown) => {
      answer(response, 400, { message: String(error) });
    });
  });
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  receiver: Receiver,
): Promise<void> {
  const { method, url } = request;
  if (method === 'POST' && url === '/v1/traces') {
    const spans = decodeTraces(JSON.parse(await text(request)));
    answer(response, 200, {});
    receiver.spans(spans);
  } else if (method === 'POST' && url === '/v1/metrics') {
    const metrics = decodeMetrics(JSON.parse(await text(request)));
    answer(response, 200, {});
    receiver.metrics(metrics);
  } else {
    answer(response, 404, { message: 'unknown path; send traces to /v1/traces and metrics to /v1/metrics' });
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
