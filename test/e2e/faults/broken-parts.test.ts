import { projectRoot } from '../../support/program';
import { run } from '../loading/support/run';
import { createTopics } from '../loading/support/topics';

test.each([['propagator'], ['tracer'], ['span'], ['context manager'], ['logger']])(
  'a %s that throws costs spans at most: every message is sent, and handled as often as it should be',
  async MODE => {
    const { broken } = await createTopics(['broken']);
    const ran = await run({
      file: `${projectRoot}/fixtures/faults/broken-parts.cjs`,
      env: { MODE, TOPIC: broken.name },
    });
    expect(ran.results).toEqual([{ handled: ['one', 'two'], deliveries: 3 }]);
    const causes = ran.logged.map(line =>
      /^@org\/kafka-otel (\w+) failed; .* said once: (.*)$/.exec(line)?.slice(1),
    );
    expect(causes).not.toContain(undefined);
    expect(causes).toEqual([...new Set(causes.map(String))].map(cause => cause.split(',')));
    expect(causes.every(cause => cause?.[1]?.endsWith(`${MODE} failed`))).toBe(true);
    expect(causes.length > 0).toBe(MODE !== 'logger');
  },
);
