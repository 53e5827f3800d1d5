import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { installNewerApi, installOtherApi, installPackages } from '../../support/installed';
import { projectRoot, registerPath } from '../../support/program';
import { useRegister } from './running';

const { run, received, temporaryFolder } = useRegister();

test("attached with another version of the API, it leaves the program's own SDK its global", async () => {
  const folder = temporaryFolder();
  installPackages(folder);
  installOtherApi(folder);
  copyFileSync(join(projectRoot, 'fixtures/register/own-sdk.cjs'), join(folder, 'app.cjs'));
  const result = await run({
    args: ['app.cjs'],
    cwd: folder,
    execArgv: ['--require', '@org/kafka-otel/register'],
    env: { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' },
  });
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(received().map(({ name }) => name)).toEqual(['own']);
});

test('a program whose API is newer is told that its own spans find no SDK, and is left as it is', async () => {
  const folder = temporaryFolder();
  installPackages(folder);
  installNewerApi(folder);
  copyFileSync(join(projectRoot, 'fixtures/register/span.cjs'), join(folder, 'app.cjs'));
  const result = await run({ args: ['app.cjs'], cwd: folder, execArgv: ['--require', registerPath] });
  expect(result).toMatchObject({ code: 0 });
  expect(result.stderr).toMatch(
    /^kafka-otel: warning: the program uses @opentelemetry\/api 1\.10\.0, but @org\/kafka-otel uses the older 1\.9\.\d+, .+=attach instead\n$/,
  );
  expect(received()).toEqual([]);
});
