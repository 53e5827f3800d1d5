// The decoder of the viewer, so that tests read OTLP as the viewer does.
export * from '../../viewer/src/otlp/decode';
