import { startProgram } from '../../support/program';

test('a line is found among those written before and after the wait began', async () => {
  const program = startProgram({
    args: ['-e', 'console.log("ready 7"); process.stdin.once("data", d => console.error("got " + d))'],
  });
  const [, number] = await program.line(/ready (\d)/);
  expect(number).toBe('7');
  program.send('hello');
  await program.line('got hello');
  program.kill();
  const { code, signal } = await program.exit;
  expect({ code, signal, stdout: program.stdout }).toEqual({
    code: null,
    signal: 'SIGTERM',
    stdout: 'ready 7\n',
  });
});

test('a program that ends before the line was written fails the wait at once, with its output', async () => {
  const program = startProgram({ args: ['-e', 'console.error("boom"); process.exit(3)'] });
  await expect(program.line('never')).rejects.toThrow(/ended \(code 3\)[^]*boom/);
  await expect(program.exit).resolves.toMatchObject({ code: 3, signal: null });
});

test('a line that does not come in time fails the wait, with the output so far', async () => {
  const program = startProgram({ args: ['-e', 'console.log("alive"); process.stdin.resume()'] });
  await program.line('alive');
  await expect(program.line('never', 50)).rejects.toThrow(/within 50 ms[^]*alive/);
});

test('an executable that does not exist fails the wait and the exit', async () => {
  const program = startProgram({ node: '/nonexistent/node', args: ['-e', '0'] });
  await expect(program.line('anything')).rejects.toThrow(/could not be started/);
  await expect(program.exit).rejects.toThrow(/ENOENT/);
});
