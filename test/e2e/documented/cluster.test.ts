import { compareRuns } from './compare';

const at = (offset: string) => [{ partition: 0, offset, metadata: null }];
const refused = (groupId: string, type: string) => ({
  rejected: { name: 'KafkaJSDeleteGroupsError', groups: [{ groupId, error: { type } }] },
});

compareRuns({
  themes: ['cluster'],
  topics: { ruled: 1, grouped: 1, set: 1, reset: 1 },
  differsIn: ['names', 'members'],
  scenes: {
    'a cluster describes itself': {
      traced: [],
      seen: { hasController: true },
    },

    // Some clusters support ACLs and some do not.
    'ACLs are created, described and deleted, or the cluster reports that it has no authorizer': {
      traced: ['createAcls', 'deleteAcls'],
      seen: { created: {}, described: {}, deleted: {} },
    },

    'groups are listed, described and deleted': {
      traced: ['deleteGroups', 'describeGroups', 'process', 'send'],
      seen: {
        described: [
          {
            groupId: 'grouped',
            state: 'Stable',
            members: [
              { assignment: { assignment: { grouped: [0] } }, metadata: { topics: ['grouped'], version: 0 } },
            ],
          },
        ],
        headers: {},
        whileRunning: refused('grouped', 'NON_EMPTY_GROUP'),
        listed: [{ groupId: 'grouped', protocolType: 'consumer' }],
        deleted: [{ groupId: 'grouped', errorCode: 0 }],
        left: [],
        again: refused('grouped', 'GROUP_ID_NOT_FOUND'),
      },
    },

    'offsets of a group without members can be set': {
      traced: ['process', 'send', 'setOffsets'],
      seen: {
        before: at('-1'),
        whileRunning: {
          rejected: {
            message: 'The consumer group must have no running instances, current state: Stable',
          },
        },
        consumed: at('4'),
        returned: 'undefined',
        set: at('2'),
      },
    },

    'offsets of a group are reset, and resolved on request': {
      traced: ['resetOffsets', 'send'],
      seen: { returned: 'undefined', reset: at('-1'), resolved: at('4') },
    },
  },
});
