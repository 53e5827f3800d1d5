import { compareRuns } from './compare';

compareRuns({
  themes: ['groups'],
  topics: { described: 1, assigned: 3, shared: 4, racks: 1 },
  differsIn: ['names', 'members'],
  mayDifferIn: ['durations'],
  scenes: {
    'a group can be described by its members': {
      traced: ['process', 'send'],
      seen: {
        errorCode: 0,
        groupId: 'described',
        state: 'Stable',
        protocol: 'RoundRobinAssigner',
        members: [
          {
            memberId: 'a group can be described by its members-(uuid)',
            clientId: 'a group can be described by its members',
            assignment: { assignment: { described: [0] } },
            metadata: { topics: ['described'] },
          },
        ],
      },
    },

    'a custom assigner distributes the partitions': {
      traced: ['process', 'send'],
      seen: {
        asked: [{ groupId: 'assigned', members: 1, topics: ['assigned'], partitions: [0, 1, 2] }],
        joined: [
          {
            groupId: 'assigned',
            isLeader: true,
            memberAssignment: { assigned: [0, 2] },
            groupProtocol: 'SkippingAssigner',
          },
        ],
        seen: [
          { partition: 0, value: 'in 0' },
          { partition: 2, value: 'in 2' },
        ],
      },
    },

    'members of a group share the partitions, and the remaining member gets all of them': {
      traced: [],
      seen: [[4], [2, 2], [4]],
    },

    'the rack id is sent to the broker, and messages are fetched from the replica it names': {
      traced: ['process', 'send'],
      seen: [{ value: 'near', headers: {} }],
    },
  },
});
