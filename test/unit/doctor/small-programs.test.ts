import { SMALL_PROGRAMS } from '../../support/small-programs';
import { PACKAGES, diagnoseTree, installed, issuesOf } from './layout';

test('the table has every client, language and setup', () => {
  expect(SMALL_PROGRAMS.length).toBeGreaterThanOrEqual(60);
});

test.each(SMALL_PROGRAMS)(
  '$client, $language, $setup: the doctor finds $issues',
  async ({ client, language, files, command, environment, issues }) => {
    const tree = {
      ...PACKAGES,
      ...installed(client, client === 'kafkajs' ? '2.2.4' : '1.10.1'),
      'package.json': { name: 'shop', ...(language === 'ES module' && { type: 'module' }) },
      ...files,
    };
    const diagnosis = await diagnoseTree(tree, { command, environment });
    expect(issuesOf(diagnosis)).toEqual(issues);
    expect(diagnosis.flows).toBe(!issues.some(issue => issue.startsWith('problem')));
  },
);
