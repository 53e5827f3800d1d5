declare module 'kafkajs/src/instrumentation/emitter' {
  export default class InstrumentationEventEmitter {
    addListener(name: string, listener: (event: object) => void): () => void;
  }
}
