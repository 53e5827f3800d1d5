/** Name and version of the instrumentation scope of all spans and metrics. A test compares them with package.json. */
export const PACKAGE_NAME = '@org/kafka-otel';
export const PACKAGE_VERSION = '0.1.0';
