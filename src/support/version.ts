/** The instrumentation scope of every span and metric. A test compares it with package.json. */
export const PACKAGE_NAME = '@org/kafka-otel';
export const PACKAGE_VERSION = '0.1.0';
