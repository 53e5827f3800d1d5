const { SchemaRegistry } = require('@kafkajs/confluent-schema-registry');

const { SCHEMA_REGISTRY_URL = 'http://localhost:8081' } = process.env;

module.exports = { registry: new SchemaRegistry({ host: SCHEMA_REGISTRY_URL }) };
