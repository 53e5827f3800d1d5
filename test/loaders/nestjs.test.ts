import { expectOrderTraced, NESTJS, NESTJS_STARTS } from '../e2e/examples/support/nestjs';
import { FRAMEWORK_DEADLINE_MS, frameworkLab } from '../support/frameworks';

/** Major versions before the version in the example. */
const EARLIER = [10, 11];

const versionsOf = (major: number) =>
  Object.fromEntries(
    ['common', 'core', 'microservices', 'platform-express'].map(name => [`@nestjs/${name}`, `^${major}.0.0`]),
  );

describe.each(EARLIER)('NestJS %d', major => {
  const versions = versionsOf(major);

  // This may install NestJS.
  beforeAll(() => frameworkLab(NESTJS, versions), FRAMEWORK_DEADLINE_MS);

  test.each(NESTJS_STARTS)(
    'has one trace for a request, its reply and an event, with %s',
    async (_, api, stock) => {
      await expectOrderTraced(api, stock, { versions });
    },
  );
});
