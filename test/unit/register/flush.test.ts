import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, diag, trace, type TracerProvider } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { suppressTracing } from '@opentelemetry/core';
import { failedExportErrors, interceptErrors } from '../../../src/register/diag-errors';
import { watchExportRequests } from '../../../src/register/export-requests';
import { createFlush } from '../../../src/register/flush';

const logged: string[] = [];
const log = (message: string) => void logged.push(message);

/** A collector that rejects every export, but not before `answer()` is called. */
let answer: () => void;
let isAsked: Promise<void>;
let collector: Server;

/** Exports like the SDK: the request creates no span, and a failure is logged as JSON. */
const send = (url: string) =>
  new Promise<void>((resolve, reject) => {
    const fail = ({ message }: Error) => {
      const error = { name: 'OTLPExporterError', message, stack: `OTLPExporterError: ${message}` };
      diag.error(JSON.stringify(error));
      reject(new Error(message));
    };
    context.with(suppressTracing(context.active()), () => {
      request(url, { method: 'POST' }, response => {
        response.resume().once('end', () => {
          if (response.statusCode === 200) resolve();
          else fail(new Error(response.statusMessage));
        });
      })
        .once('error', fail)
        .end();
    });
  });

beforeEach(async () => {
  diag.setLogger({ error: log, warn: log, info: log, debug: log, verbose: log });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  let asked: () => void;
  isAsked = new Promise(resolve => (asked = resolve));
  const isAnswered = new Promise<void>(resolve => (answer = resolve));
  collector = createServer((incoming, response) => {
    asked();
    incoming.resume();
    void isAnswered.then(() => response.writeHead(401).end());
  });
  await new Promise<void>(resolve => collector.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  collector.close();
  collector.closeAllConnections();
  for (const api of [trace, context, diag]) api.disable();
});

test('what the last flush could not send is reported as lost, even if a shorter flush ends meanwhile', async () => {
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
  let isFirst = true;
  const forceFlush = () => {
    const first = isFirst;
    isFirst = false;
    return first ? send(url) : Promise.resolve();
  };
  trace.setGlobalTracerProvider({ getTracer: () => trace.getTracer('none'), forceFlush } as TracerProvider);
  const requests = watchExportRequests();
  interceptErrors(failedExportErrors(requests));
  const flush = createFlush(requests, () => undefined);

  const last = flush({ withinMs: 60_000, keepsAlive: true, awaitRetries: false });
  await isAsked;
  await flush({ withinMs: 1, keepsAlive: false, awaitRetries: false });
  answer();
  await last;
  expect(logged).toEqual([
    `the last spans were not sent and are lost: ${url} answered 401 Unauthorized. Check the collector and the OTEL_EXPORTER_OTLP_* variables`,
  ]);
});
