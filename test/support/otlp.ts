// Tests decode OTLP with the decoder of the viewer.
export * from '../../viewer/src/otlp/decode';
