import { FRAMEWORK_DEADLINE_MS, frameworkLab } from '../../support/frameworks';
import { expectOrderTraced, NESTJS, NESTJS_STARTS } from './support/nestjs';

// May install the framework.
beforeAll(() => frameworkLab(NESTJS), FRAMEWORK_DEADLINE_MS);

test.each(NESTJS_STARTS)(
  'with %s, a request, its reply and an event over Kafka are one trace',
  async (_, api, stock) => {
    await expectOrderTraced(api, stock);
  },
);
