// What AWS does to run a function: it sets variables, loads the preload, then the function, and calls it with an event.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
process.env.LAMBDA_TASK_ROOT = root;
process.env._HANDLER = 'handler.handler';

require('../tracing');
const { handler, disconnect } = require(join(root, 'handler'));

async function main() {
  const event = JSON.parse(readFileSync('event.json', 'utf8'));
  await handler(event, {
    functionName: 'billing',
    awsRequestId: 'local',
    invokedFunctionArn: 'arn:aws:lambda:eu-north-1:123456789012:function:billing',
  });
  await disconnect();
  // Spans and metrics are exported already.
  process.exit();
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
