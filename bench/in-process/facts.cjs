// What the stubs pretend, and what the floor is told.
module.exports = {
  topic: 'orders',
  group: 'billing',
  clientId: 'shop',
  clusterId: 'MkU3OEVBNTcwNTJENDM2Qg',
  host: 'broker-1.example',
  port: 9092,
};
