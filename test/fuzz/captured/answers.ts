import type { Copy, Decoder } from './copy';
import { fetched, type StoredTopic } from './topics';
import { readPartitions } from './wire';

/** Maximum number of records per partition in a fetch response. */
const MAX_FETCHED = 3;

/** A request, and what the imitated broker needs to answer it. */
export interface RequestContext {
  readonly copy: Copy;
  readonly topics: readonly StoredTopic[];
  /** The encoded request. */
  readonly bytes: Buffer;
  /** Offsets committed so far, by `topic/partition`. */
  readonly committed: Map<string, string>;
  /** Called when a fetch finds no more records. */
  readonly drained: () => void;
}

/** Creates the decoded response for each kind of request that programs can send. */
const ANSWERS: Readonly<Record<string, (request: RequestContext) => unknown>> = {
  ApiVersions: ({ copy }) => ({
    apiVersions: Object.values(copy.internals.apiKeys).map(apiKey => ({
      apiKey,
      minVersion: 0,
      maxVersion: 99,
    })),
  }),
  Metadata: ({ topics }) => ({
    brokers: [{ nodeId: 1, host: 'captured', port: 9092, rack: null }],
    clusterId: 'captured',
    controllerId: 1,
    topicMetadata: topics.map(({ topic, partitions }) => ({
      topicErrorCode: 0,
      topic,
      isInternal: false,
      partitionMetadata: partitions.map((_, partitionId) => ({
        partitionErrorCode: 0,
        partitionId,
        leader: 1,
        replicas: [1],
        isr: [1],
        offlineReplicas: [],
      })),
    })),
  }),
  Produce: request => ({ topics: produced(request) }),
  InitProducerId: () => ({ producerId: 7, producerEpoch: 0 }),
  GroupCoordinator: () => ({ coordinator: { nodeId: 1, host: 'captured', port: 9092 } }),
  JoinGroup: () => ({
    generationId: 1,
    groupProtocol: 'RoundRobinAssigner',
    leaderId: 'other',
    memberId: 'this',
    members: [],
  }),
  SyncGroup: ({ copy, topics }) => ({
    memberAssignment: copy.internals.assignments.encode({
      version: 1,
      assignment: Object.fromEntries(
        topics.map(({ topic, partitions }) => [topic, partitions.map((_, partition) => partition)]),
      ),
    }),
  }),
  OffsetFetch: ({ topics, committed }) => ({
    responses: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((_, partition) => ({
        partition,
        offset: committed.get(`${topic}/${partition}`) ?? '0',
        metadata: '',
        errorCode: 0,
      })),
    })),
  }),
  OffsetCommit: request => {
    for (const { topic, partitions } of readCommit(request))
      for (const { partition, offset } of partitions)
        request.committed.set(`${topic ?? ''}/${partition}`, offset);
    return { responses: [] };
  },
  Fetch: request => ({ responses: fetchedFrom(request) }),
  ListOffsets: ({ topics }) => ({
    responses: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((records, partition) => ({
        partition,
        errorCode: 0,
        offset: String(records.length),
      })),
    })),
  }),
  DescribeGroups: () => ({ groups: [{ groupId: 'group', state: 'Empty', members: [] }] }),
  ListGroups: () => ({ groups: [{ groupId: 'group', protocolType: 'consumer' }] }),
  DeleteGroups: () => ({ results: [{ groupId: 'group', errorCode: 0 }] }),
  DescribeConfigs: () => ({ resources: [] }),
  AlterConfigs: () => ({ resources: [] }),
  DescribeAcls: () => ({ resources: [] }),
  DeleteAcls: () => ({ filterResponses: [] }),
  ListPartitionReassignments: () => ({ topics: [] }),
};

export function answerTo(apiName: string, request: RequestContext): unknown {
  return ANSWERS[apiName]?.(request) ?? {};
}

function produced({ bytes }: RequestContext): unknown {
  return readPartitions(bytes).topics.map(({ topic, partitions }) => ({
    topicName: topic,
    partitions: partitions.map(({ partition }) => ({
      partition,
      errorCode: 0,
      baseOffset: '40',
      logAppendTime: '-1',
      logStartOffset: '0',
    })),
  }));
}

export function readCommit({ copy, bytes }: Pick<RequestContext, 'copy' | 'bytes'>) {
  const decoder = new copy.internals.Decoder(bytes);
  decoder.readString();
  decoder.readInt32();
  decoder.readString();
  return decoder.readArray(each => ({
    topic: each.readString(),
    partitions: each.readArray(part => ({
      partition: part.readInt32(),
      offset: part.readInt64().toString(),
      metadata: part.readString(),
    })),
  }));
}

function fetchedFrom({ copy, bytes, topics, drained }: RequestContext): unknown {
  const wanted = readFetch(new copy.internals.Decoder(bytes));
  const responses = wanted.map(({ topic, partitions }) => ({
    topicName: topic,
    partitions: partitions.map(({ partition, offset }) => {
      const records = topics.find(stored => stored.topic === topic)?.partitions[partition] ?? [];
      const messages = records
        .slice(offset, offset + MAX_FETCHED)
        .map((record, index) => fetched(record, offset + index));
      return {
        partition,
        errorCode: 0,
        highWatermark: String(records.length),
        abortedTransactions: [],
        preferredReadReplica: -1,
        messages,
      };
    }),
  }));
  if (responses.every(({ partitions }) => partitions.every(({ messages }) => messages.length === 0)))
    drained();
  return responses;
}

function readFetch(decoder: Decoder) {
  for (let field = 0; field < 4; field++) decoder.readInt32();
  decoder.readInt8();
  decoder.readInt32();
  decoder.readInt32();
  return decoder.readArray(each => ({
    topic: each.readString(),
    partitions: each.readArray(part => {
      const partition = part.readInt32();
      part.readInt32();
      const offset = Number(part.readInt64().toString());
      part.readInt64();
      part.readInt32();
      return { partition, offset };
    }),
  }));
}
