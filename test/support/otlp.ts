// The tests decode OTLP with the code of the viewer.
export * from '../../viewer/src/otlp/decode';
