import { ROOT_CONTEXT, context } from '@opentelemetry/api';
import { suppressTracing, unsuppressTracing } from '@opentelemetry/core';
import { isSuppressed } from '../../../src/runtime';
import { useTracing } from './tracing';

useTracing();

test("suppressTracing of OpenTelemetry's core is understood", () => {
  expect(isSuppressed(ROOT_CONTEXT)).toBe(false);
  expect(isSuppressed(suppressTracing(ROOT_CONTEXT))).toBe(true);
  expect(isSuppressed(unsuppressTracing(suppressTracing(ROOT_CONTEXT)))).toBe(false);
});

test('the active context counts where none is given', () => {
  expect(isSuppressed()).toBe(false);
  expect(context.with(suppressTracing(context.active()), () => isSuppressed())).toBe(true);
});
